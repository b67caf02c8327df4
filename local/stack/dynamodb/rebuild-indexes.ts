import { existsSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { ClassicLevel } from 'classic-level';
import dynaliteDb from 'dynalite/db/index.js';
import * as z from 'zod';
import { ACCOUNT_ID, REGION } from '../aws/names.ts';
import { tableDefinition, type TableSpec } from './table-definition.ts';

const BATCH = 1_000;

const projectionSchema = z.object({ ProjectionType: z.string(), NonKeyAttributes: z.array(z.string()).optional() });
const indexSchema = z.object({
  IndexName: z.string(),
  KeySchema: z.array(z.record(z.string(), z.string())),
  Projection: projectionSchema,
});
const tableSchema = z.looseObject({
  TableName: z.string(),
  KeySchema: z.array(z.record(z.string(), z.string())),
  GlobalSecondaryIndexes: z.array(indexSchema).default([]),
});
const itemSchema = z.record(z.string(), z.unknown());

export interface RebuildOptions {
  folder: string;
  tableName: string;
  spec: TableSpec;
  /** Whether the last process closed the store. Dynalite writes an item and its index entries one after the other. */
  closedCleanly: boolean;
}

/**
 * Brings the indexes of a stored table in line with the manifest and with its items, before dynalite opens it: dynalite
 * cannot add an index to an on-demand table, and a process that was killed may have left an index ahead of its item.
 * Answers whether anything was rebuilt.
 */
export async function rebuildIndexes({ folder, tableName, spec, closedCleanly }: RebuildOptions): Promise<boolean> {
  if (!existsSync(folder)) return false;
  const db = new ClassicLevel<string, unknown>(folder, { valueEncoding: 'json' });
  await db.open();
  try {
    const stored = await db.get(`table~${tableName}`);
    if (stored === undefined) return false;
    const table = tableSchema.parse(stored);
    const wanted = tableDefinition(tableName, spec);
    if (!isDeepStrictEqual(table.KeySchema, wanted.KeySchema)) {
      throw new Error(`The stored table ${tableName} has other keys than this version's. Begin anew with --reset.`);
    }
    const same = isDeepStrictEqual(
      table.GlobalSecondaryIndexes.map((index) => indexSchema.parse(index)),
      wanted.GlobalSecondaryIndexes.map((index) => indexSchema.parse(index)),
    );
    if (same && closedCleanly) return false;

    const changed = {
      ...table,
      AttributeDefinitions: wanted.AttributeDefinitions,
      GlobalSecondaryIndexes: wanted.GlobalSecondaryIndexes.map((index) => ({
        ...index,
        IndexArn: `arn:aws:dynamodb:${REGION}:${ACCOUNT_ID}:table/${tableName}/index/${index.IndexName}`,
        IndexSizeBytes: 0,
        ItemCount: 0,
        IndexStatus: 'ACTIVE',
        ProvisionedThroughput: { ReadCapacityUnits: 0, WriteCapacityUnits: 0, NumberOfDecreasesToday: 0 },
      })),
    };
    await db.clear({ gte: `index-global~${tableName}~`, lt: `index-global~${tableName}~\uffff` });
    await writeEntries(db, tableName, changed);
    // Last: a process that is killed in between finds the old definition, and begins again.
    await db.put(`table~${tableName}`, changed);
    return true;
  } finally {
    await db.close();
  }
}

async function writeEntries(
  db: ClassicLevel<string, unknown>,
  tableName: string,
  table: { GlobalSecondaryIndexes: readonly object[] },
): Promise<void> {
  let batch = db.batch();
  for await (const value of db.values({ gte: `item-${tableName}~`, lt: `item-${tableName}~\uffff` })) {
    const { puts } = dynaliteDb.getIndexActions(table.GlobalSecondaryIndexes, undefined, itemSchema.parse(value), table);
    for (const { index, key, item } of puts) batch.put(`index-global~${tableName}~${index}~${key}`, item);
    if (batch.length >= BATCH) {
      await batch.write();
      batch = db.batch();
    }
  }
  await batch.write();
}
