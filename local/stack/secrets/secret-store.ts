import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomically } from '../state/write-atomically.ts';
import { secretSchema, type Secret } from './secret.ts';

/** The secrets on disk, one file each, readable by their owner only. */
export interface SecretStore {
  all(): Secret[];
  /** By name, ARN, or ARN without its random end. */
  find(id: string): Secret | undefined;
  save(secret: Secret): void;
  remove(name: string): void;
}

export function openSecretStore(folder: string): SecretStore {
  if (!existsSync(folder)) mkdirSync(folder, { recursive: true, mode: 0o700 });
  // Names may differ in case only and hold slashes, which file systems do not agree on.
  const fileOf = (name: string): string => join(folder, `${createHash('sha256').update(name).digest('hex')}.json`);
  const secrets = new Map<string, Secret>();
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
    const secret = secretSchema.parse(JSON.parse(readFileSync(join(folder, file), 'utf8')));
    secrets.set(secret.name, secret);
  }
  return {
    all: () => [...secrets.values()],
    find: (id) => secrets.get(id) ?? [...secrets.values()].find(({ arn }) => arn === id || arn.slice(0, -7) === id),
    save: (secret) => {
      writeAtomically(fileOf(secret.name), `${JSON.stringify(secret)}\n`, 0o600);
      secrets.set(secret.name, secret);
    },
    remove: (name) => {
      rmSync(fileOf(name), { force: true });
      secrets.delete(name);
    },
  };
}
