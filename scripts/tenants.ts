import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { emailSchema, normalizeEmail } from '../src/core/shared/email-address.ts';
import { systemClock, toIso } from '../src/core/shared/clock.ts';
import { newId, sha256 } from '../src/core/shared/ids.ts';
import { newApiKey } from '../src/core/tenant/api-key.ts';
import { tenantSchema } from '../src/core/tenant/tenant.ts';
import { makeApiKeyStore } from '../src/storage/api-key-store.ts';
import { makeDocumentClient, Table } from '../src/storage/table.ts';
import { makeTenantStore } from '../src/storage/tenant-store.ts';

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
  return { tenantId, apiKey };
}

/** The embedded table takes any credentials; the client insists on some. */
function useAnyCredentials(): void {
  process.env['AWS_REGION'] ??= 'us-east-1';
  process.env['AWS_ACCESS_KEY_ID'] ??= 'local';
  process.env['AWS_SECRET_ACCESS_KEY'] ??= 'local';
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
}

const stackFile = z.object({ tableName: z.string(), endpoints: z.object({ dynamodb: z.string() }) });

const USAGE = `Usage: npm run -s tenants -- create --slug acme [--owner owner@acme.test] [--domain acme.test] [--name "Acme"] (--local | --table NAME --stage STAGE)`;

function whereOf(values: { local?: boolean | undefined; table?: string | undefined; stage?: string | undefined }) {
  if (!values.local) {
    if (!values.table || !values.stage) throw new Error(`Give --local, or --table and --stage of a deployment.\n${USAGE}`);
    return { tableName: values.table, stage: values.stage };
  }
  const path = join(process.env['LOCAL_STATE_DIR'] ?? '.local', 'stack.json');
  if (!existsSync(path)) throw new Error(`No stack is running over ${path}: start one with npm start.`);
  const { tableName, endpoints } = stackFile.parse(JSON.parse(readFileSync(path, 'utf8')));
  return { tableName, dynamodb: endpoints.dynamodb };
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
    },
  });
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
  await main().catch((error: unknown) => {
    const reason =
      error instanceof z.ZodError
        ? error.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join('; ')
        : error instanceof Error
          ? error.message
          : 'unknown';
    process.stderr.write(`${reason}\n`);
    process.exitCode = 1;
  });
}
