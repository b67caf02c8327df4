import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { beginConnect, completeConnect, receiveConsent, type ConnectDeps } from '../../../../src/core/connection/connect.ts';
import { ownerOf, type Connection } from '../../../../src/core/connection/connection.ts';
import { planCrash, type Wrap } from '../../../support/crashes.ts';
import { aConnection, TENANT } from '../../../support/factories.ts';
import { openConnections, RETURN_URL, type ConnectionWorld } from '../../../support/open-connections.ts';

const platform = 'mailchimp' as const;
const STATES: readonly [name: string, former: Connection | undefined][] = [
  ['a first connection', undefined],
  ['a renewal of a living connection', aConnection()],
  ['a renewal of a dead one', aConnection({ status: 'needs_reconnect' })],
  ['a return after a disconnect', aConnection({ status: 'disconnected', accountId: null, tokenRef: null })],
];

/** One process of ours: everything it calls may be its last call. */
const processOf = (world: ConnectionWorld, wrap: Wrap): ConnectDeps => ({
  ...world.connectDeps,
  sessions: wrap(world.sessions),
  connections: wrap(world.connections),
  tokens: wrap(world.tokens),
  followups: wrap(world.followups),
  oauth: () => wrap(world.oauth),
});

async function consent(world: ConnectionWorld, deps: ConnectDeps, code: string): Promise<{ state: string; ticket: string }> {
  const { state } = await beginConnect(deps, { tenantId: TENANT, platform, returnUrl: RETURN_URL });
  const location = await receiveConsent(deps, { platform, state, code, error: undefined });
  return { state, ticket: new URL(location ?? 'about:blank').searchParams.get('ticket') ?? '' };
}
const complete = (deps: ConnectDeps, session: { state: string; ticket: string }) =>
  completeConnect(deps, { tenantId: TENANT, platform, ...session });

/** All that a crash may leave: a whole connection or none, and, once tidied, no token but its own. */
async function expectWhole(world: ConnectionWorld, former: Connection | undefined): Promise<void> {
  const check = async (): Promise<Connection | undefined> => {
    const connection = await world.connections.get(TENANT, platform);
    const inForce = connection && connection.status !== 'disconnected';
    if (inForce) await world.tokens.read(ownerOf(connection), connection.tokenRef ?? '');
    if (former && connection?.connectionId === former.connectionId) expect(connection).toEqual(former);
    return inForce ? connection : undefined;
  };
  // At once, before anything is tidied, and afterwards.
  await check();
  await world.followups.drain();
  const connection = await check();
  expect([...world.tokens.held.keys()]).toEqual(connection?.tokenRef ? [connection.tokenRef] : []);
  expect(world.followups.dead).toEqual([]);
}

describe.each(STATES)('%s', (_name, former) => {
  it('is whole or nothing after a crash at any step, and connecting again works', async () => {
    const rehearsal = planCrash({ at: 0, when: 'before' });
    const rehearsed = openConnections(former);
    const deps = processOf(rehearsed, rehearsal.startProcess());
    await complete(deps, await consent(rehearsed, deps, 'code-1'));
    const steps = rehearsal.calls.made;
    expect(steps).toBeGreaterThan(8);
    for (let at = 1; at <= steps; at++) {
      for (const when of ['before', 'after'] as const) {
        const world = openConnections(former);
        const crashing = processOf(world, planCrash({ at, when }).startProcess());
        await consent(world, crashing, 'code-1')
          .then((session) => complete(crashing, session))
          .catch(() => undefined);
        await expectWhole(world, former);
        const again = await complete(world.connectDeps, await consent(world, world.connectDeps, 'code-2'));
        expect(again).toMatchObject({ status: 'connected', lastError: null });
        await expectWhole(world, undefined);
      }
    }
  });

  it('keeps one token when several consents are completed at once and one of them crashes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 14 }),
        fc.constantFrom('before' as const, 'after' as const),
        fc.integer({ min: 2, max: 4 }),
        async (at, when, parallel) => {
          const world = openConnections(former);
          const sessions = [];
          for (let index = 0; index < parallel; index++) sessions.push(await consent(world, world.connectDeps, `code-${index}`));
          const crashing = processOf(world, planCrash({ at, when }).startProcess());
          await Promise.allSettled(
            sessions.map((session, index) => complete(index === 0 ? crashing : world.connectDeps, session)),
          );
          // The others do not suffer: one of them, or the one that crashed after it had stored, is connected.
          const connection = await world.connections.get(TENANT, platform);
          expect(connection?.status).toBe('connected');
          await expectWhole(world, undefined);
        },
      ),
      { numRuns: 150 },
    );
  });
});

it('bounds what a crash of the callback leaves to a session that ends by itself', async () => {
  const world = openConnections();
  const crashes = planCrash({ at: 3, when: 'before' });
  const { state } = await beginConnect(world.connectDeps, { tenantId: TENANT, platform, returnUrl: RETURN_URL });
  const crashing = processOf(world, crashes.startProcess());
  await expect(receiveConsent(crashing, { platform, state, code: 'code-1', error: undefined })).rejects.toThrow();
  expect(await receiveConsent(world.connectDeps, { platform, state, code: 'code-1', error: undefined })).toBeUndefined();
  expect(world.tokens.held.size + world.connections.records.size).toBe(0);
});
