import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { toldByWebhook } from '../../bench/scale/connect-tenants.ts';
import { dayCountsSchema, type DayCounts } from '../../bench/scale/day-counts.ts';
import { tenantProfile, type TenantProfile } from '../../bench/scale/tenant-profile.ts';
import { parseJson } from '../e2e/http.ts';

const TENANTS = 200;
const PAGE = 1_000;
const PROJECT = resolve(import.meta.dirname, '../..');
const profiles = Array.from({ length: TENANTS }, (_, index) => tenantProfile(index));
const sum = (of: (profile: TenantProfile) => number): number => profiles.reduce((total, profile) => total + of(profile), 0);
const AUDIENCES = sum(({ audiences }) => audiences);
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

  it('takes one message and one invocation per run, and one dispatcher per rule', () => {
    expect(day.messages).toEqual({
      'sync.fifo': { sent: 7 * TENANTS, received: 7 * TENANTS },
      followups: { sent: 0, received: 0 },
    });
    expect(day.invocations).toMatchObject({ dispatcher: 7, 'sync-worker': 7 * TENANTS, webhook: 0, followups: 0 });
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
      'GET /reports': sum(({ campaigns }) => Math.ceil(campaigns / PAGE)),
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

  // HERE: the comparison of `day`, field by field, with what the simulation of scale says for the same tenants.
});
