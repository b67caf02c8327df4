import { LATEST, type Report, type ReportStore } from '../../src/core/report/report.ts';
import type { SyncMessage, SyncQueue } from '../../src/core/sync/queue-messages.ts';
import { isOver, type Lease, type SyncRun, type SyncRunStore } from '../../src/core/sync/sync-run.ts';
import { tick } from './test-clock.ts';

export interface FakeRuns extends SyncRunStore {
  readonly records: Map<string, SyncRun>;
  readonly leases: Map<string, Lease>;
  readonly cursors: Map<string, string | null>;
}

/** Runs, the lease of each task, and the cursors. */
export function fakeRuns(): FakeRuns {
  const records = new Map<string, SyncRun>();
  const leases: FakeRuns['leases'] = new Map();
  const cursors = new Map<string, string | null>();
  return {
    records,
    leases,
    cursors,
    async get(_tenantId, runId) {
      await tick();
      return structuredClone(records.get(runId));
    },
    async create(run) {
      await tick();
      if (records.has(run.runId)) return false;
      records.set(run.runId, structuredClone(run));
      return true;
    },
    async put(run) {
      await tick();
      const known = records.get(run.runId);
      if (known && (isOver(known) || known.step > run.step)) return false;
      records.set(run.runId, structuredClone(run));
      return true;
    },
    async revive(run, silentUntilMs) {
      await tick();
      const known = records.get(run.runId);
      if (!known || isOver(known) || known.step > run.step || known.silentUntilMs !== run.silentUntilMs) return false;
      records.set(run.runId, structuredClone({ ...run, silentUntilMs }));
      return true;
    },
    async list(tenantId, task, limit, before) {
      await tick();
      const position = (run: SyncRun): string => run.runId.split('-')[1] ?? '';
      const all = [...records.values()]
        .filter((run) => run.tenantId === tenantId && (task === null || run.task === task))
        .sort((a, b) => (position(a) < position(b) ? 1 : -1))
        .filter((run) => before === null || position(run) < before);
      const items = structuredClone(all.slice(0, limit));
      const last = items.at(-1);
      return { items, next: all.length > limit && last ? position(last) : null };
    },
    async lease(tenantId, task, lease) {
      await tick();
      const key = `${tenantId}/${task}`;
      const held = leases.get(key);
      if (held && held.runId !== lease.runId) return held;
      leases.set(key, lease);
      return lease;
    },
    async leaseOf(tenantId, task) {
      await tick();
      return leases.get(`${tenantId}/${task}`);
    },
    async release(tenantId, task, runId) {
      await tick();
      if (leases.get(`${tenantId}/${task}`)?.runId === runId) leases.delete(`${tenantId}/${task}`);
    },
    async cursor(tenantId, task, scope) {
      await tick();
      return cursors.get(`${tenantId}/${task}/${scope}`) ?? null;
    },
    async putCursor(tenantId, task, scope, cursor) {
      await tick();
      cursors.set(`${tenantId}/${task}/${scope}`, cursor);
    },
    async removeCursors(tenantId, task) {
      await tick();
      for (const key of cursors.keys()) if (key.startsWith(`${tenantId}/${task}/`)) cursors.delete(key);
    },
  };
}

export interface FakeSyncQueue extends SyncQueue {
  readonly sent: SyncMessage[];
}
export function fakeSyncQueue(): FakeSyncQueue {
  const sent: SyncMessage[] = [];
  return {
    sent,
    async send(messages) {
      await tick();
      sent.push(...messages);
    },
  };
}

export interface FakeReports extends ReportStore {
  readonly latest: Map<string, Report>;
  readonly daily: Map<string, { date: string; report: Report }[]>;
}
export function fakeReports(): FakeReports {
  const latest = new Map<string, Report>();
  const daily: FakeReports['daily'] = new Map();
  return {
    latest,
    daily,
    async get(_tenantId, campaignId, date) {
      await tick();
      if (date === LATEST) return latest.get(campaignId);
      return daily.get(campaignId)?.find((entry) => entry.date === date)?.report;
    },
    async history(_tenantId, campaignId, from, to) {
      await tick();
      return (daily.get(campaignId) ?? []).filter(({ date }) => date >= from && date <= to);
    },
    async latestOf(_tenantId, campaignIds) {
      await tick();
      const wanted = new Set(campaignIds);
      return new Map([...latest].filter(([id]) => wanted.has(id)));
    },
    async put(report, date) {
      await tick();
      latest.set(report.campaignId, report);
      const others = (daily.get(report.campaignId) ?? []).filter((entry) => entry.date !== date);
      if (date !== null) daily.set(report.campaignId, [...others, { date, report }]);
    },
  };
}
