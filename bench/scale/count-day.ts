import pLimit from 'p-limit';
import { SYNC_TASKS } from '../../src/contract/manifest.ts';
import { toIso } from '../../src/core/shared/clock.ts';
import { makeDocumentClient } from '../../src/storage/document-client.ts';
import { suppressionPk, SHARDS, tenantPk } from '../../src/storage/keys.ts';
import { makeSyncRunStore } from '../../src/storage/sync-run-store.ts';
import { Table } from '../../src/storage/table.ts';
import type { DayCounts } from './day-counts.ts';
import type { DayStack } from './day-stack.ts';

const AT_ONCE = 8;
/** More than a day has of one task. */
const RUNS = 20;

const tableOf = ({ info }: DayStack): Table => new Table(makeDocumentClient(info.endpoints.dynamodb), info.tableName);

/** The runs of some tenants since a time, and what their counts say about departures. */
export async function countRuns(
  stack: DayStack,
  tenantIds: readonly string[],
  since: number,
): Promise<Pick<DayCounts, 'runs' | 'departures'>> {
  const store = makeSyncRunStore(tableOf(stack));
  const runs: Record<string, Record<string, number>> = {};
  const departures = { changed: 0, missedByWebhook: 0 };
  const limit = pLimit(AT_ONCE);
  const count = async (tenantId: string): Promise<void> => {
    for (const task of SYNC_TASKS) {
      const { items } = await store.list(tenantId, task, RUNS, null);
      for (const { state, counts, queuedAt } of items) {
        if (queuedAt < toIso(since)) continue;
        const states = (runs[task] ??= {});
        states[state] = (states[state] ?? 0) + 1;
        if (task !== 'suppressions') continue;
        departures.changed += counts['changed'] ?? 0;
        departures.missedByWebhook += counts['missedByWebhook'] ?? 0;
      }
    }
  };
  await Promise.all(tenantIds.map((tenantId) => limit(() => count(tenantId))));
  return { runs, departures };
}

/** What some tenants have in the table. */
export async function countStored(stack: DayStack, tenantIds: readonly string[]): Promise<DayCounts['stored']> {
  const table = tableOf(stack);
  const limit = pLimit(AT_ONCE);
  const countOf = async (pk: string, fits: (sk: string) => boolean, begins = ''): Promise<number> => {
    let count = 0;
    let start: Record<string, unknown> | undefined;
    do {
      const { items, lastKey } = await table.query({
        KeyConditionExpression: begins === '' ? 'PK = :pk' : 'PK = :pk AND begins_with(SK, :sk)',
        ExpressionAttributeValues: { ':pk': pk, ...(begins !== '' && { ':sk': begins }) },
        ProjectionExpression: 'SK',
        ...(start && { ExclusiveStartKey: start }),
      });
      count += items.filter((item) => fits(String(item['SK']))).length;
      start = lastKey;
    } while (start);
    return count;
  };
  const stored = { suppressions: 0, reports: 0 };
  const count = async (tenantId: string): Promise<void> => {
    for (const shard of SHARDS) {
      const people = await countOf(suppressionPk(tenantId, shard), () => true);
      stored.suppressions += people;
    }
    const reports = await countOf(tenantPk(tenantId), (sk) => sk.endsWith('#LATEST'), 'REPORT#');
    stored.reports += reports;
  };
  await Promise.all(tenantIds.map((tenantId) => limit(() => count(tenantId))));
  return stored;
}
