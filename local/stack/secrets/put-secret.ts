import { randomUUID } from 'node:crypto';
import type { StackClock } from '../clock/stack-clock.ts';
import type { SecretStore } from './secret-store.ts';
import { CURRENT, secretArn, withVersion } from './secret.ts';

/** The current text of a secret, if there is one. */
export function readSecret(store: SecretStore, name: string): string | undefined {
  const versions = Object.values(store.find(name)?.versions ?? {});
  return versions.find(({ stages }) => stages.includes(CURRENT))?.string;
}

/** Makes the secret, or gives it a new version when its text differs. */
export function putSecret(store: SecretStore, clock: StackClock, name: string, text: string): void {
  if (readSecret(store, name) === text) return;
  const now = clock.now();
  const secret = store.find(name) ?? { arn: secretArn(name), name, tags: [], createdAt: now, changedAt: now, versions: {} };
  store.save(withVersion(secret, randomUUID(), { string: text }, [CURRENT], now));
}
