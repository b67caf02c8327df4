import type { FunctionSpec } from './manifest.ts';

/**
 * The families of partition keys, as the patterns that IAM compares with `dynamodb:LeadingKeys`. They separate kinds of
 * items, not tenants: a tenant's items are reached only through stores built from the credential's tenant.
 */
export const KEY_FAMILIES = {
  /** Everything a tenant owns, its suppressions included. */
  tenant: 'TENANT#*',
  suppression: 'TENANT#*#SUPPRESSION#*',
  apiKey: 'APIKEY#*',
  /** When a key was last used: apart, so that whoever notes it cannot make keys. */
  apiKeyUse: 'APIKEYUSE#*',
  audit: 'AUDIT#*',
  hook: 'HOOK#*',
  hookActivity: 'HOOK#ACTIVITY#*',
  quarantine: 'HOOK#QUARANTINE#*',
  oauthState: 'OAUTHSTATE#*',
  rate: 'RATE#*',
  connected: 'CONNECTED#*',
} as const;
export type KeyFamily = keyof typeof KEY_FAMILIES;
/** Every family with items of its own; `connected` is a key of an index alone. */
export type ItemFamily = Exclude<KeyFamily, 'connected'>;
const isItemFamily = (family: string): family is ItemFamily => family in KEY_FAMILIES && family !== 'connected';

/** The family of each index's partition key. */
const INDEX_FAMILY = { GSI1: 'connected', GSI2: 'suppression' } as const satisfies Record<string, KeyFamily>;
export type IndexName = keyof typeof INDEX_FAMILY;

const READ = ['GetItem', 'BatchGetItem', 'Query'] as const;
const WRITE = ['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem'] as const;
export type TableAction = (typeof READ)[number] | (typeof WRITE)[number];

/** What a function may do in the table. Nothing here means nothing there. */
export interface TableAccess {
  read: readonly ItemFamily[];
  write: readonly ItemFamily[];
  indexes: readonly IndexName[];
  /** For the function that anybody may call: the very actions, family by family. */
  exactly?: Partial<Record<ItemFamily, readonly TableAction[]>>;
}

/** Families that are written in fewer ways: counters are only updated, and nobody deletes from the audit trail. */
const NARROW: Partial<Record<ItemFamily, readonly TableAction[]>> = {
  apiKeyUse: ['UpdateItem', 'DeleteItem'],
  audit: ['PutItem', 'UpdateItem'],
  rate: ['UpdateItem'],
};

/** One permission: these actions, on the table or one index, for partition keys that match one of the patterns. */
export interface TableStatement {
  actions: readonly TableAction[];
  /** `null` is the table itself. */
  index: IndexName | null;
  patterns: readonly string[];
}

/** The permissions of a function, from which the stacks make IAM statements and the local stack its checks. Never Scan. */
export function tableStatements({ table }: Pick<FunctionSpec, 'table'>): TableStatement[] {
  const statements: TableStatement[] = [];
  const allow = (actions: readonly TableAction[], families: readonly KeyFamily[], index: IndexName | null = null): void => {
    if (families.length > 0) statements.push({ actions, index, patterns: families.map((family) => KEY_FAMILIES[family]) });
  };
  allow(READ, table.read);
  allow(
    WRITE,
    table.write.filter((family) => NARROW[family] === undefined),
  );
  for (const family of table.write) allow(NARROW[family] ?? [], NARROW[family] ? [family] : []);
  for (const family of Object.keys(KEY_FAMILIES).filter(isItemFamily))
    allow(table.exactly?.[family] ?? [], table.exactly?.[family] ? [family] : []);
  for (const index of table.indexes) allow(['Query'], [INDEX_FAMILY[index]], index);
  return statements;
}

/** IAM's `StringLike`: `*` is any run of characters. */
const isLike = (value: string, pattern: string): boolean =>
  new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`, 's').test(value);

/**
 * Whether one call is allowed, as IAM decides it with `ForAllValues:StringLike` on the leading keys and `Null: false`.
 * @param keys the partition keys the call names; none at all is refused
 */
export const allows = (
  statements: readonly TableStatement[],
  call: { action: string; index: string | null; keys: readonly string[] },
): boolean =>
  call.keys.length > 0 &&
  statements.some(
    ({ actions, index, patterns }) =>
      actions.some((action) => action === call.action) &&
      index === call.index &&
      call.keys.every((key) => patterns.some((pattern) => isLike(key, pattern))),
  );
