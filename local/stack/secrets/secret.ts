import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import { ACCOUNT_ID, REGION } from '../aws/names.ts';

const versionSchema = z.object({
  string: z.string().optional(),
  /** Base64. */
  binary: z.string().optional(),
  stages: z.array(z.string()),
  createdAt: z.number(),
});

export const secretSchema = z.object({
  arn: z.string(),
  name: z.string(),
  description: z.string().optional(),
  tags: z.array(z.object({ Key: z.string(), Value: z.string() })),
  createdAt: z.number(),
  changedAt: z.number(),
  /** When a deletion that can still be undone becomes final. */
  deleteAt: z.number().optional(),
  versions: z.record(z.string(), versionSchema),
});
export type Secret = z.infer<typeof secretSchema>;
export type SecretValue = Pick<z.infer<typeof versionSchema>, 'string' | 'binary'>;

export const CURRENT = 'AWSCURRENT';
const PREVIOUS = 'AWSPREVIOUS';

/** Secrets Manager ends every ARN with six random characters, so that a new secret of the same name is another one. */
export const secretArn = (name: string): string => {
  const suffix = [...randomBytes(6)]
    .map((byte) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'.charAt(byte % 62))
    .join('');
  return `arn:aws:secretsmanager:${REGION}:${ACCOUNT_ID}:secret:${name}-${suffix}`;
};

/** A secret with one more version, which takes over the given stages; without its last stage a version is gone. */
export function withVersion(secret: Secret, id: string, value: SecretValue, stages: readonly string[], at: number): Secret {
  const moved = new Set(stages);
  const current = Object.entries(secret.versions).find(([, { stages: held }]) => held.includes(CURRENT))?.[0];
  if (moved.has(CURRENT) && current !== undefined) moved.add(PREVIOUS);
  const versions: Secret['versions'] = {};
  for (const [known, version] of Object.entries(secret.versions)) {
    const kept = version.stages.filter((stage) => !moved.has(stage));
    if (known === current && moved.has(PREVIOUS)) kept.push(PREVIOUS);
    if (kept.length > 0) versions[known] = { ...version, stages: kept };
  }
  versions[id] = { ...value, stages: [...stages], createdAt: at };
  return { ...secret, versions, changedAt: at };
}
