import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { LOCAL_AUDIENCE } from '../local/stack/oidc/oidc-endpoint.ts';
import { readSigningKey, signToken } from '../local/stack/oidc/signing-key.ts';
import { OIDC_ROLE_CLAIM, OIDC_TENANT_CLAIM } from '../src/contract/manifest.ts';
import { roleSchema } from '../src/contract/settings.ts';
import { emailSchema, normalizeEmail } from '../src/core/shared/email-address.ts';
import { MINUTE, systemClock, toEpochSeconds, toIso } from '../src/core/shared/clock.ts';
import { idSchema, newId, sha256 } from '../src/core/shared/ids.ts';
import { newApiKey } from '../src/core/tenant/api-key.ts';
import { tenantSchema } from '../src/core/tenant/tenant.ts';
import { recordSystemEvent } from '../src/core/audit/record-system-event.ts';
import { makeApiKeyStore } from '../src/storage/api-key-store.ts';
import { makeAuditStore } from '../src/storage/audit-store.ts';
import { makeDocumentClient } from '../src/storage/document-client.ts';
import { Table } from '../src/storage/table.ts';
import { makeTenantStore } from '../src/storage/tenant-store.ts';
import { endWithReason } from './end-with-reason.ts';

const newTenant = z.object({
  slug: tenantSchema.shape.slug,
  owner: z.union([emailSchema, z.literal('')]),
  domain: z
    .string()
    .regex(/^[a-z0-9.-]+\.[a-z]{2,}$/i, 'must be a domain such as example.com')
    .nullable(),
  name: z.string().min(1),
});
export type NewTenant = z.infer<typeof newTenant>;

/**
 * Makes a tenant and its first key, with the role owner. Operators only: there is no HTTP route for this.
 * @param where the table; `dynamodb` is an endpoint, and left out on AWS
 */
export async function createTenant(
  where: { tableName: string; dynamodb?: string; stage?: string },
  input: NewTenant,
): Promise<{ tenantId: string; apiKey: string }> {
  const { slug, owner, domain, name } = newTenant.parse(input);
  if (where.dynamodb) useAnyCredentials();
  const table = new Table(makeDocumentClient(where.dynamodb), where.tableName);
  const now = systemClock.now();
  const tenantId = newId('tenant', now);
  const apiKey = newApiKey(where.stage ?? 'local');
  await makeTenantStore(table).create({
    id: tenantId,
    slug,
    name,
    ownerEmail: normalizeEmail(owner),
    domain: domain?.toLowerCase() ?? null,
    createdAt: toIso(now),
  });
  const key = {
    id: newId('key', now),
    tenantId,
    name: 'First key',
    role: 'owner' as const,
    hash: sha256(apiKey),
    createdAt: toIso(now),
    lastUsedAt: null,
  };
  await makeApiKeyStore(table).create(key);
  await recordSystemEvent(
    // Standard output is for the answer alone.
    { clock: systemClock, log: { info: console.error, warn: console.error, error: console.error }, audit: makeAuditStore(table) },
    {
      tenantId,
      action: 'api_key.created',
      by: 'An operator',
      target: { type: 'api_key', id: key.id },
      after: { name: key.name, role: key.role },
    },
  );
  return { tenantId, apiKey };
}

/** The embedded table takes any credentials; the client insists on some. */
function useAnyCredentials(): void {
  process.env['AWS_REGION'] ??= 'us-east-1';
  process.env['AWS_ACCESS_KEY_ID'] ??= 'local';
  process.env['AWS_SECRET_ACCESS_KEY'] ??= 'local';
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
}

const stackFile = z.object({
  tableName: z.string(),
  tenantId: z.string(),
  endpoints: z.object({ dynamodb: z.string(), oidc: z.string() }),
});

const newToken = z.object({
  tenant: idSchema('tenant'),
  role: roleSchema.default('owner'),
  email: emailSchema.default('somebody@people.test'),
  minutes: z.coerce.number('must be a number').int().min(1).max(1440).default(60),
});

/** The token of a person, as the issuer of the stack that runs over a folder gives it: signed with the key in that folder. */
function makeLocalToken(given: Partial<Record<keyof z.input<typeof newToken>, string | undefined>>) {
  const { tenantId, endpoints } = readStack();
  const { tenant, role, email, minutes } = newToken.parse({ ...given, tenant: given.tenant ?? tenantId });
  const now = systemClock.now();
  const expiresAt = now + minutes * MINUTE;
  const token = signToken(readSigningKey(join(stateDir(), 'oidc')), {
    iss: endpoints.oidc,
    aud: LOCAL_AUDIENCE,
    // The same person keeps one id.
    sub: sha256(email).slice(0, 32),
    iat: toEpochSeconds(now),
    exp: toEpochSeconds(expiresAt),
    email,
    [OIDC_TENANT_CLAIM]: tenant,
    [OIDC_ROLE_CLAIM]: role,
  });
  return { token, expiresAt: toIso(toEpochSeconds(expiresAt) * 1_000) };
}

const USAGE = `Usage:
  npm run -s tenants -- token --local [--tenant ten_…] [--role editor] [--email ada@acme.test] [--minutes 60]
  npm run -s tenants -- create --slug acme [--owner owner@acme.test] [--domain acme.test] [--name "Acme"] (--local | --table NAME --stage STAGE)`;

function whereOf(values: { local?: boolean | undefined; table?: string | undefined; stage?: string | undefined }) {
  if (!values.local) {
    if (!values.table || !values.stage) throw new Error(`Give --local, or --table and --stage of a deployment.\n${USAGE}`);
    return { tableName: values.table, stage: values.stage };
  }
  const { tableName, endpoints } = readStack();
  return { tableName, dynamodb: endpoints.dynamodb };
}

const stateDir = (): string => process.env['LOCAL_STATE_DIR'] ?? '.local';

function readStack(): z.infer<typeof stackFile> {
  const path = join(stateDir(), 'stack.json');
  if (!existsSync(path)) throw new Error(`No stack is running over ${path}: start one with npm start.`);
  return stackFile.parse(JSON.parse(readFileSync(path, 'utf8')));
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      local: { type: 'boolean' },
      table: { type: 'string' },
      stage: { type: 'string' },
      slug: { type: 'string' },
      owner: { type: 'string' },
      domain: { type: 'string' },
      name: { type: 'string' },
      tenant: { type: 'string' },
      role: { type: 'string' },
      email: { type: 'string' },
      minutes: { type: 'string' },
    },
  });
  if (positionals[0] === 'token' && values.local) {
    const { tenant, role, email, minutes } = values;
    process.stdout.write(`${JSON.stringify(makeLocalToken({ tenant, role, email, minutes }))}\n`);
    return;
  }
  if (positionals[0] !== 'create' || !values.slug) throw new Error(USAGE);
  const made = await createTenant(whereOf(values), {
    slug: values.slug,
    owner: values.owner ?? '',
    domain: values.domain ?? null,
    name: values.name ?? values.slug,
  });
  process.stdout.write(`${JSON.stringify(made)}\n`);
}

if (process.argv[1]?.endsWith('tenants.ts')) {
  await main().catch(endWithReason(1));
}
