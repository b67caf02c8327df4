import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import type { StackClock } from './clock/stack-clock.ts';
import { putSecret, readSecret } from './secrets/put-secret.ts';
import type { SecretStore } from './secrets/secret-store.ts';
import type { CreateTenant } from './stack-options.ts';

export const SECRET_IDS = {
  mailchimpApp: 'local/mailchimp-app',
  pepper: 'local/pepper',
  demoTenant: 'local/demo-tenant',
} as const;

const PEPPER_BYTES = 32;
export const DEMO_TENANT = {
  slug: 'demo',
  owner: 'owner@harborlane.test',
  domain: 'harborlane.test',
  name: 'Harbor Lane Bakery',
} as const;
const tenantSchema = z.object({ tenantId: z.string(), apiKey: z.string() });
export type DemoTenant = z.infer<typeof tenantSchema>;

/** Writes what a deployment finds in Secrets Manager: the Mailchimp app, and the pepper, which never changes again. */
export function writeLocalSecrets(store: SecretStore, clock: StackClock, app: { clientId: string; clientSecret: string }): void {
  putSecret(store, clock, SECRET_IDS.mailchimpApp, JSON.stringify(app));
  if (readSecret(store, SECRET_IDS.pepper) === undefined) {
    putSecret(store, clock, SECRET_IDS.pepper, JSON.stringify({ pepper: randomBytes(PEPPER_BYTES).toString('base64') }));
  }
}

/** The demo tenant, made at the first start; its key is kept as a secret, because the table holds only the key's hash. */
export async function ensureDemoTenant(
  store: SecretStore,
  clock: StackClock,
  create: () => ReturnType<CreateTenant>,
): Promise<DemoTenant> {
  const known = readSecret(store, SECRET_IDS.demoTenant);
  if (known !== undefined) return tenantSchema.parse(JSON.parse(known));
  const { tenantId, apiKey } = await create();
  putSecret(store, clock, SECRET_IDS.demoTenant, JSON.stringify({ tenantId, apiKey }));
  return { tenantId, apiKey };
}
