import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { probeConnection, reviveConnection } from '../../../../src/core/connection/probe-connection.ts';
import { usePlatform } from '../../../../src/core/connection/use-platform.ts';
import { AppError } from '../../../../src/core/shared/app-error.ts';
import { HOUR, MINUTE } from '../../../../src/core/shared/clock.ts';
import type { ErrorCode } from '../../../../src/core/shared/errors.ts';
import { aConnection, TENANT } from '../../../support/factories.ts';
import { openConnections, type ConnectionWorld } from '../../../support/open-connections.ts';
import { planCrash } from '../../../support/crashes.ts';

const platform = 'mailchimp' as const;
/** As the vendor says it: a refusal of a token that it calls valid is a 401. */
const fault = (code: ErrorCode): AppError =>
  new AppError(code, 'No.', {
    vendor: { status: code === DOUBT ? 401 : 503, title: null, detail: null, instance: null, requestId: null, at: '' },
  });
const DOUBT = 'api_endpoint_error';
const stored = (world: ConnectionWorld) => world.connections.records.get(`${TENANT}/${platform}`);
const depsOf = (world: ConnectionWorld) => ({ ...world, openPlatform: () => world.vendor.platform });

/** A use that the vendor refuses while it calls the token valid; probes then find what `answers` says. */
async function doubted(...answers: (ErrorCode | 'ok')[]): Promise<ConnectionWorld> {
  const world = openConnections(aConnection());
  const use = usePlatform(depsOf(world), TENANT, platform, 'sync', () => Promise.reject(fault(DOUBT)));
  await expect(use).rejects.toMatchObject({ code: DOUBT });
  for (const answer of answers) {
    // A fault is used up by one call: an answer without one is a success.
    if (answer !== 'ok') world.vendor.faults.push({ method: 'verify', error: fault(answer) });
  }
  return world;
}

describe('a token that is refused and called valid', () => {
  it('is doubted, stays in use, and is asked about after five minutes', async () => {
    const world = await doubted();
    expect(stored(world)).toMatchObject({ status: 'connected', lastError: null, doubt: { probes: 0 } });
    expect(world.followups.pending).toMatchObject([
      { followup: { kind: 'probe-connection', probe: 1 }, dueMs: world.clock.now() + 5 * MINUTE },
    ]);
  });

  it('is trusted again as soon as it works', async () => {
    const world = await doubted(DOUBT, DOUBT, 'ok');
    const begun = world.clock.now();
    await world.followups.drain();
    expect(stored(world)).toMatchObject({ status: 'connected', doubt: null, lostAt: null });
    expect(world.vendor.count('verify')).toBe(3);
    expect(world.clock.now() - begun).toBe(15 * MINUTE);
  });

  it('is trusted again, also when the account moved to another host in the same probe', async () => {
    const world = await doubted();
    const verify = world.vendor.platform.verify.bind(world.vendor.platform);
    world.vendor.platform.verify = async () => {
      const current = stored(world);
      if (current) await world.connections.save({ ...current, apiEndpoint: 'https://us21.api.mailchimp.com' });
      return verify();
    };
    await world.followups.drain();
    expect(stored(world)).toMatchObject({ doubt: null, apiEndpoint: 'https://us21.api.mailchimp.com' });
  });

  it('is trusted again by its next use when the probes ended without an answer', async () => {
    const world = await doubted();
    world.followups.pending.length = 0;
    const use = () => usePlatform(depsOf(world), TENANT, platform, 'sync', () => Promise.resolve());
    await use();
    expect(stored(world)?.doubt).not.toBeNull();
    world.clock.advance(HOUR);
    await use();
    expect(stored(world)?.doubt).toBeNull();
  });

  it('is dead after three probes, with cause and fix', async () => {
    const world = await doubted(DOUBT, DOUBT, DOUBT, 'ok');
    await world.followups.drain();
    expect(stored(world)).toMatchObject({
      status: 'needs_reconnect',
      doubt: null,
      lostAt: new Date(world.clock.now()).toISOString(),
      lastError: { code: 'invalid_token', fix: 'Reconnect Mailchimp', cause: expect.stringContaining('4 times') },
    });
    expect(world.vendor.count('verify')).toBe(3);
  });

  it.each(['invalid_token', 'account_disabled'] as const)('is marked at once when a probe hears %s', async (code) => {
    const world = await doubted(code);
    await world.followups.drain();
    expect(stored(world)).toMatchObject({ status: 'needs_reconnect', lastError: { code } });
    expect(world.vendor.count('verify')).toBe(1);
  });

  it('is not judged by a vendor that is silent', async () => {
    const world = await doubted(DOUBT, 'vendor_unavailable', 'vendor_rate_limited', DOUBT, 'ok');
    await world.followups.drain();
    expect(stored(world)).toMatchObject({ status: 'connected', doubt: null });
  });

  it('is doubted anew when the vendor was silent for two hours', async () => {
    const world = await doubted(...Array.from({ length: 25 }, () => 'vendor_unavailable' as const));
    await world.followups.drain();
    expect(stored(world)).toMatchObject({ status: 'connected', doubt: { probes: 0 } });
    world.clock.advance(HOUR);
    await usePlatform(depsOf(world), TENANT, platform, 'sync', () => Promise.reject(fault(DOUBT))).catch(() => undefined);
    expect(world.followups.pending).toHaveLength(1);
  });

  it('begins one chain of probes, however many notice it', async () => {
    const world = await doubted();
    for (let index = 0; index < 5; index++)
      await usePlatform(depsOf(world), TENANT, platform, 'sync', () => Promise.reject(fault(DOUBT))).catch(() => undefined);
    expect(world.followups.pending).toHaveLength(1);
  });

  it('leaves a connection alone that was renewed or removed meanwhile', async () => {
    const world = await doubted(DOUBT);
    const renewed = aConnection({ connectionId: 'con_second', version: 7 });
    world.connections.records.set(`${TENANT}/${platform}`, renewed);
    await world.followups.drain();
    expect(stored(world)).toEqual(renewed);
    expect(world.vendor.count('verify')).toBe(0);
  });

  it('comes to an end after crashes anywhere and repeated messages', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 40 }),
        fc.constantFrom('before' as const, 'after' as const),
        fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 1, maxLength: 60 }),
        async (at, when, numbers) => {
          let drawn = 0;
          const world = openConnections(aConnection(), () => numbers[drawn++ % numbers.length] ?? 0);
          const crashes = planCrash({ at, when });
          let wrap = crashes.startProcess();
          world.onFollowup = async (followup) => {
            if (followup.kind !== 'probe-connection') return;
            const deps = {
              ...depsOf(world),
              connections: wrap(world.connections),
              tokens: wrap(world.tokens),
              followups: wrap(world.followups),
              openPlatform: () => wrap(world.vendor.platform),
            };
            // A crashed process is replaced by the next.
            await probeConnection(deps, followup).finally(() => (wrap = crashes.startProcess()));
          };
          await usePlatform(depsOf(world), TENANT, platform, 'sync', () => Promise.reject(fault(DOUBT))).catch(() => undefined);
          const dead = fault(DOUBT);
          for (let index = 0; index < 60; index++) world.vendor.faults.push({ method: 'verify', error: dead });
          await world.followups.drain();
          expect(stored(world)).toMatchObject({ status: 'needs_reconnect', lastError: { code: 'invalid_token' } });
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('an account that the vendor disabled', () => {
  const lastError = { code: 'account_disabled' as const, cause: 'c', fix: 'f', vendor: null };
  const disabled = aConnection({ status: 'needs_reconnect', lastError, lostAt: '2026-09-01T00:00:00.000Z' });

  it('comes back with one call, and what was missed is caught up', async () => {
    const world = openConnections(disabled);
    expect(await reviveConnection(depsOf(world), disabled)).toBe(true);
    expect(stored(world)).toMatchObject({ status: 'connected', lastError: null, lostAt: null });
    expect(world.vendor.calls.map(({ method }) => method)).toEqual(['verify']);
    expect(world.syncQueue.sent.map(({ task, trigger }) => [task, trigger])).toEqual([
      ['metrics', 'connect'],
      ['suppressions', 'connect'],
    ]);
  });

  it('is caught up also when the process ends right after it came back', async () => {
    const world = openConnections(disabled);
    world.syncQueue.send = () => Promise.reject(new Error('crash'));
    await expect(reviveConnection(depsOf(world), disabled)).rejects.toThrow('crash');
    expect(stored(world)).toMatchObject({ status: 'connected' });
    expect(world.followups.pending).toMatchObject([{ followup: { kind: 'catch-up', more: ['metrics'] } }]);
  });

  it('stays as it is while it is disabled, for one call and no write', async () => {
    const world = openConnections(disabled);
    world.vendor.faults.push({ method: 'verify', error: fault('account_disabled') });
    expect(await reviveConnection(depsOf(world), disabled)).toBe(false);
    expect(stored(world)).toEqual(disabled);
    expect(world.connections.saves).toBe(0);
  });

  it('needs a person when it is back without our access', async () => {
    const world = openConnections(disabled);
    world.vendor.faults.push({ method: 'verify', error: fault('invalid_token') });
    expect(await reviveConnection(depsOf(world), disabled)).toBe(false);
    expect(stored(world)).toMatchObject({ status: 'needs_reconnect', lastError: { code: 'invalid_token' } });
  });
});
