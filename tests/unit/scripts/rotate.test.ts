import { describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { closingLine, exitCodeOf, rotateWebhooks, type RotateWebhooksDeps } from '../../../scripts/rotate.ts';
import type { Connection } from '../../../src/core/connection/connection.ts';
import { AppError } from '../../../src/core/shared/app-error.ts';
import { SECOND, toIso } from '../../../src/core/shared/clock.ts';
import { aConnection, aHook, TENANT } from '../../support/factories.ts';
import { openHooks } from '../../support/open-hooks.ts';

const DISABLED = { code: 'account_disabled', cause: '', fix: '', vendor: null } as const;
type Row = Parameters<RotateWebhooksDeps['print']>[0];

/** One connected tenant with an old webhook, and others that differ from it. */
function open(...others: readonly Partial<Connection>[]) {
  const { world } = openHooks();
  const tenants = [TENANT];
  for (const [index, change] of others.entries()) {
    const tenantId = `${TENANT.slice(0, -2)}X${index}`;
    tenants.push(tenantId);
    world.connections.records.set(`${tenantId}/mailchimp`, aConnection({ tenantId, ...change }));
    const hook = aHook(`of-${tenantId}`, { tenantId, createdAt: toIso(world.clock.now() - SECOND) });
    world.hooks.records.set(hook.secretHash, hook);
  }
  const before = toIso(world.clock.now());
  const rows: Row[] = [];
  const run = async (listOnly = false) => {
    rows.length = 0;
    const deps: RotateWebhooksDeps = { ...world, sleep: () => Promise.resolve(), print: (row) => void rows.push(row) };
    return rotateWebhooks(deps, { before, tenant: undefined, perSecond: 5, listOnly });
  };
  const stateOf = (index: number) => rows.find(({ tenantId }) => tenantId === tenants[index])?.state;
  return { world, tenants, before, rows, run, stateOf };
}

describe('a rotation of all tenants', () => {
  it('marks those whose token is dead and those whose account is disabled, and says that they wait', async () => {
    const { world, tenants, before, run, stateOf } = open(
      { status: 'needs_reconnect' },
      { status: 'needs_reconnect', lastError: DISABLED },
      { status: 'disconnected' },
    );
    expect(await run(true)).toMatchObject({ tenants: 3, left: 3, waiting: 0 });
    const sum = await run();
    expect(sum).toEqual({ before, tenants: 3, left: 1, waiting: 2, refused: 0, failed: 0 });
    expect([0, 1, 2, 3].map(stateOf)).toEqual(['queued', 'waits', 'waits', undefined]);
    for (const tenantId of tenants.slice(0, 3))
      expect(await world.connections.get(tenantId, 'mailchimp')).toMatchObject({ renewHooksBefore: before });
    expect(closingLine(sum)).toContain('2 tenants wait for a connection that can be used');
    expect(await run(true)).toMatchObject({ left: 1, waiting: 2 });
  });

  it('counts a tenant whose item cannot be read, or whose store is away, and goes on with the others', async () => {
    const { world, tenants, run, stateOf, rows } = open({}, {}, {});
    const get = world.connections.get.bind(world.connections);
    world.connections.get = async (tenantId, platform) => {
      if (tenantId === tenants[1]) z.object({ status: z.string() }).parse({ status: 7 });
      if (tenantId === tenants[2]) throw new AppError('service_unavailable', 'The store is away.');
      return get(tenantId, platform);
    };
    const sum = await run();
    expect(sum).toMatchObject({ tenants: 4, left: 2, failed: 2 });
    expect([exitCodeOf(sum), exitCodeOf({ ...sum, failed: 0 })]).toEqual([1, 0]);
    expect([0, 1, 2, 3].map(stateOf)).toEqual(['queued', 'failed', 'failed', 'queued']);
    expect(rows).toContainEqual({ tenantId: tenants[1], state: 'failed', code: 'unreadable_item' });
    world.connections.get = () => Promise.reject(new TypeError('Of the program itself.'));
    await expect(run()).rejects.toThrow(TypeError);
  });

  it('tells a run of its own from one that was there before, and may be past the webhooks', async () => {
    const { run, stateOf, rows } = open();
    await run();
    expect(stateOf(0)).toBe('queued');
    const [first] = [...rows];
    expect(await run()).toMatchObject({ left: 1 });
    expect(rows).toEqual([{ ...first, state: 'under_way' }]);
  });

  it('says that all is done where it is, and nowhere else', () => {
    const done = { before: '2026-09-21T06:00:00.000Z', tenants: 2, left: 0, waiting: 0, refused: 0, failed: 0 };
    expect(closingLine(done)).toContain('All webhooks of 2 tenants');
    for (const one of ['left', 'waiting', 'refused', 'failed']) expect(closingLine({ ...done, [one]: 1 })).not.toContain('All');
  });
});
