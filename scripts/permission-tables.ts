import * as z from 'zod';
import { markdownTable } from '../bench/figures.ts';
import { FUNCTION_NAMES, type FunctionName } from '../src/contract/manifest.ts';

/** A resource of a synthesized template. */
export interface TemplateResource {
  id: string;
  Type: string;
  Properties: Readonly<Record<string, unknown>>;
}

const many = <T extends z.ZodType>(schema: T) => z.union([z.array(schema), schema.transform((one) => [one])]);
const conditionSchema = z.record(z.string(), z.record(z.string(), many(z.unknown()))).default({});
const statementSchema = z.object({
  Effect: z.enum(['Allow', 'Deny']),
  Action: many(z.string()),
  Resource: many(z.unknown()),
  Principal: z.union([z.string(), z.record(z.string(), many(z.unknown()))]).optional(),
  Condition: conditionSchema,
});
/** A statement of any policy of a template. */
export type Statement = z.infer<typeof statementSchema>;
const documentSchema = z.object({ Statement: z.array(statementSchema) });
const rolePolicySchema = z.object({ Roles: z.array(z.unknown()), PolicyDocument: documentSchema });
const joinSchema = z.object({ 'Fn::Join': z.tuple([z.string(), z.array(z.unknown())]) });
const refSchema = z.object({ Ref: z.string() }).transform(({ Ref }) => Ref);
const attributeSchema = z
  .object({ 'Fn::GetAtt': z.tuple([z.string(), z.string()]) })
  .transform((value) => value['Fn::GetAtt'][0]);
const importSchema = z.object({ 'Fn::ImportValue': z.string() }).transform((value) => value['Fn::ImportValue']);

const withoutHash = (id: string): string => id.replace(/[0-9A-F]{8}$/, '');
/** `Stack:ExportsOutputFnGetAttTenantTableTable1A2B3C4DArn5E6F7A8B` → `TenantTableTable` */
const exported = (name: string): string =>
  /ExportsOutput(?:Ref|FnGetAtt)(\w+?)[0-9A-F]{8}(?:Arn)?[0-9A-F]{8}$/.exec(name)?.[1] ?? name;

/** What a value of a template points to, in words: ids without their hash, and what only a deployment knows in angle brackets. */
export function nameOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const read = z
    .union([
      refSchema.transform((id) => (id.startsWith('AWS::') ? `<${id.slice(5)}>` : withoutHash(id))),
      attributeSchema.transform(withoutHash),
      importSchema.transform(exported),
      joinSchema.transform((value) => value['Fn::Join'][1].map(nameOf).join(value['Fn::Join'][0])),
    ])
    .safeParse(value);
  if (!read.success) throw new Error(`A value that cannot be named: ${JSON.stringify(value)}`);
  return read.data;
}

const code = (texts: readonly unknown[]): string => texts.map((text) => `\`${nameOf(text)}\``).join(' ');

/** `Null` only says that a call without such a key is refused as well, which holds for every condition on keys. */
const conditionOf = (condition: Statement['Condition']): string =>
  Object.entries(condition)
    .filter(([operator]) => operator !== 'Null')
    .flatMap(([, keys]) => Object.entries(keys).map(([key, values]) => `${key.replace(/^\w+:/, '')} ${code(values)}`))
    .join(', ');

/** The policies that are resources' own: of keys, queues and topics. */
export function resourcePolicies(resources: readonly TemplateResource[]): { on: string; statement: Statement }[] {
  return resources.flatMap(({ id, Properties }) => {
    const document = documentSchema.safeParse(
      Properties['KeyPolicy'] ?? (Properties['Roles'] ? undefined : Properties['PolicyDocument']),
    );
    if (!document.success) return [];
    const about = z
      .array(z.unknown())
      .optional()
      .parse(Properties['Queues'] ?? Properties['Topics']);
    const on =
      about === undefined
        ? withoutHash(id)
        : about
            .map(nameOf)
            .join(' ')
            .replace(/^https.*\//, '');
    return document.data.Statement.map((statement) => ({ on, statement }));
  });
}

/** The statements of each role. */
export function rolePolicies(resources: readonly TemplateResource[]): { role: string; statement: Statement }[] {
  return resources
    .filter(({ Type }) => Type === 'AWS::IAM::Policy')
    .flatMap(({ Properties }) => {
      const { Roles, PolicyDocument } = rolePolicySchema.parse(Properties);
      return Roles.flatMap((role) => PolicyDocument.Statement.map((statement) => ({ role: nameOf(role), statement })));
    });
}

/** `ApiReadHandler` or `ApiReadRole` → `api-read`. */
const functionOf = (id: string): FunctionName | undefined =>
  FUNCTION_NAMES.find((name) => id.replace(/(Handler|Role)$/, '').toLowerCase() === name.replaceAll('-', ''));

function rightsTable(resources: readonly TemplateResource[]): string {
  const rows = rolePolicies(resources).flatMap(({ role, statement }) =>
    statement.Resource.map((resource) => {
      const [first = ''] = statement.Action;
      const actions = statement.Action.map((action) => action.replace(/^\w+:/, '')).toSorted();
      const on = nameOf(resource);
      return [functionOf(role) ?? role, `${first.split(':')[0]}: ${code(actions)}`, code([on]), conditionOf(statement.Condition)];
    }),
  );
  const order = (row: readonly string[]): string => [row[0], row[2], row[1]].join(' ');
  return markdownTable(
    ['function', 'may', 'on', 'only for'],
    rows.toSorted((a, b) => (order(a) < order(b) ? -1 : 1)),
  );
}

function invokersTable(resources: readonly TemplateResource[]): string {
  const rows = resources
    .filter(({ Type }) => Type === 'AWS::Lambda::Permission')
    .map(({ Properties }) => {
      const fn = nameOf(Properties['FunctionName']);
      return [functionOf(fn) ?? fn, code([Properties['Principal']]), code([Properties['SourceArn']])];
    });
  return markdownTable(
    ['function', 'may be invoked by', 'for'],
    rows.toSorted((a, b) => (a.join(' ') < b.join(' ') ? -1 : 1)),
  );
}

function resourcePoliciesTable(resources: readonly TemplateResource[]): string {
  const rows = resourcePolicies(resources).map(({ on, statement: { Effect, Action, Principal = '*', Condition } }) => {
    const who = typeof Principal === 'string' ? [Principal] : Object.values(Principal).flat();
    return [code([on]), Effect === 'Allow' ? 'allows' : 'denies', code(who), code(Action), conditionOf(Condition)];
  });
  return markdownTable(['policy of', '', 'whom', 'what', 'when'], rows);
}

/** The tables of docs/security.md, from the resources of both stacks. @throws on a value it cannot name */
export const permissionTables = (resources: readonly TemplateResource[]): Record<'rights' | 'invokers' | 'policies', string> => ({
  rights: rightsTable(resources),
  invokers: invokersTable(resources),
  policies: resourcePoliciesTable(resources),
});
