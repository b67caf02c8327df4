import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import * as z from 'zod';

const PROJECT = resolve(import.meta.dirname, '..');

const packageSchema = z.object({
  version: z.string(),
  /** The name in the registry, where it is not that of the folder. */
  name: z.string().optional(),
  resolved: z.string().optional(),
  integrity: z.string().optional(),
  license: z.string().optional(),
  /** Nothing that ships needs it. */
  dev: z.boolean().default(false),
  hasInstallScript: z.boolean().default(false),
  /** Came within another package, whose integrity covers it. */
  inBundle: z.boolean().default(false),
});
const lockSchema = z.object({
  lockfileVersion: z.literal(3),
  packages: z.record(z.string(), z.unknown()),
});

export interface LockedPackage extends z.infer<typeof packageSchema> {
  /** Its folder, relative to the project. */
  path: string;
  name: string;
}

/** Every package that `npm ci` installs, as `package-lock.json` has it. @throws Error when the file has another shape */
export function readLock(): LockedPackage[] {
  const lock = lockSchema.parse(JSON.parse(readFileSync(resolve(PROJECT, 'package-lock.json'), 'utf8')));
  return Object.entries(lock.packages)
    .filter(([path]) => path !== '')
    .map(([path, entry]) => {
      const found = packageSchema.parse(entry);
      return { ...found, path, name: found.name ?? path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length) };
    });
}
