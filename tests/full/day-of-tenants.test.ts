import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { toldByWebhook } from '../../bench/scale/connect-tenants.ts';
import { dayCountsSchema, type DayCounts } from '../../bench/scale/day-counts.ts';
import { simulateDay } from '../../bench/scale/simulate-day.ts';
import { tenantProfile, type TenantProfile } from '../../bench/scale/tenant-profile.ts';
import { parseJson } from '../e2e/http.ts';

const TENANTS = 200;
const PAGE = 1_000;
const PROJECT = resolve(import.meta.dirname, '../..');
const profiles = Array.from({ length: TENANTS }, (_, index) => tenantProfile(index));
const sum = (of: (profile: TenantProfile) => number): number => profiles.reduce((total, profile) => total + of(profile), 0);
const AUDIENCES = sum(({ audiences }) => audiences);
const REPORT_PAGES = sum(({ campaigns }) => Math.ceil(campaigns / PAGE));
const RUNS = { suppressions: 1, audiences: 1, metrics: 1, automations: 4 } as const;

describe(`a day of ${TENANTS} tenants on the local stack`, () => {
  let day: DayCounts;

  beforeAll(async () => {
    const args = ['--import', 'tsx', 'bench/stack-day.ts', '--tenants', String(TENANTS), '--json'];
    const { NODE_OPTIONS: _options, NODE_ENV: _env, JEST_WORKER_ID: _id, ...env } = process.env;
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: PROJECT, env });
    day = dayCountsSchema.parse(parseJson(stdout));
  }, 600_000);

  it('has one run of each daily task and four of automations for each, and all succeed', () => {
    const runs = Object.fromEntries(Object.entries(RUNS).map(([task, times]) => [task, { succeeded: times * TENANTS }]));
    expect(day.runs).toEqual(runs);
  });

  it('takes one message and one invocation per turn, and one dispatcher per rule', () => {
    // A run of metrics has a turn for each page of reports.
    const turns = 6 * TENANTS + REPORT_PAGES;
    expect(day.messages).toEqual({ 'sync.fifo': { sent: turns, received: turns }, followups: { sent: 0, received: 0 } });
    expect(day.invocations).toMatchObject({ dispatcher: 7, 'sync-worker': turns, webhook: 0, followups: 0 });
    expect(Object.values(day.failures).filter((failures) => failures > 0)).toEqual([]);
  });

  it('calls the vendor as often as its lists, kinds and pages ask for', () => {
    expect(day.vendorCalls).toEqual({
      // By the runs of suppressions and of audiences.
      'GET /lists': 2 * TENANTS,
      // Who unsubscribed, and who bounced.
      'GET /lists/{list_id}/members': 2 * AUDIENCES,
      'GET /lists/{list_id}/abuse-reports': AUDIENCES,
      'GET /lists/{list_id}/webhooks': AUDIENCES,
      'GET /templates': TENANTS,
      'GET /automations': 4 * TENANTS,
      'GET /reports': REPORT_PAGES,
    });
    expect(day.vendorRefusals).toBe(0);
    expect(day.peakInFlight).toBeLessThanOrEqual(6);
  });

  it('finds everybody who left, and knows whom no webhook told of', () => {
    expect(day.departures).toEqual({
      changed: sum(({ departuresPerDay }) => departuresPerDay),
      missedByWebhook: sum(({ departuresPerDay }) => departuresPerDay - toldByWebhook(departuresPerDay)),
    });
    expect(day.stored).toEqual({
      suppressions: sum(
        ({ audiences, departedPerAudience, departuresPerDay }) => audiences * departedPerAudience + departuresPerDay,
      ),
      reports: sum(({ campaigns }) => campaigns),
    });
  });

  it('is the same day as the one that is simulated', async () => {
    const { runs, runCounts, all, parts } = await simulateDay({ tenants: TENANTS, latencyMs: 20 });
    const { vendorCalls: calls } = all;
    expect(runs).toEqual(day.runs);
    expect(all.messages).toEqual({ sync: day.messages['sync.fifo']?.sent, followups: day.messages['followups']?.sent });
    expect(all.invocations).toMatchObject({
      dispatcher: day.invocations['dispatcher'],
      'sync-worker': day.invocations['sync-worker'],
    });
    expect({
      'GET /lists': calls['audiences'],
      'GET /lists/{list_id}/members': (calls['members unsubscribed'] ?? 0) + (calls['members cleaned'] ?? 0),
      'GET /lists/{list_id}/abuse-reports': calls['complaints'],
      'GET /lists/{list_id}/webhooks': calls['webhooks'],
      'GET /templates': calls['templates'],
      'GET /automations': calls['automations'],
      'GET /reports': calls['reports'],
    }).toEqual(day.vendorCalls);
    expect(runCounts['suppressions']).toMatchObject({ changed: day.departures.changed });
    const requestsOf = (operation: string): number =>
      (all.tableRequests[`${operation}Command`] ?? 0) - (parts.webhooks.tableRequests[`${operation}Command`] ?? 0);
    expect({ Query: requestsOf('Query') }).toEqual({
      Query: day.table['Query']?.requests,
    });
    // A list that is read as a whole keeps that in its cursor; which ones these are differs with the day and the ids. And a
    // run that lasts longer than a second writes its progress.
    for (const operation of ['Get', 'Put', 'Delete'] as const) {
      const ratio = requestsOf(operation) / (day.table[`${operation}Item`]?.requests ?? 0);
      expect(Math.abs(ratio - 1)).toBeLessThan(0.05);
    }
  });
});
