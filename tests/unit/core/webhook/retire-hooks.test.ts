import { describe, expect, it } from '@jest/globals';
import { AppError } from '../../../../src/core/shared/app-error.ts';
import { DAY, SECOND } from '../../../../src/core/shared/clock.ts';
import { newHookId } from '../../../../src/core/webhook/hook-id.ts';
import { isHeard, type Hook } from '../../../../src/core/webhook/hook.ts';
import { replaced, retiredUntil, retireHooks } from '../../../../src/core/webhook/retire-hooks.ts';
import { aHook, TENANT } from '../../../support/factories.ts';
import { fakeHooks } from '../../../support/fake-hooks.ts';
import { fakeVendor } from '../../../support/fake-platform.ts';
import { testClock } from '../../../support/test-clock.ts';
import { testLog } from '../../../support/test-log.ts';

const config = { deploymentId: '0a1b2c3d4e', publicBaseUrl: 'https://api.test', webhookPath: '/hooks' };

function open() {
  const clock = testClock();
  const own = (secret: string, change: Partial<Hook> = {}) =>
    aHook(secret, { hookId: newHookId(config, TENANT, clock.now()), vendorId: `at-vendor-${secret}`, ...change });
  const [one, two] = [own('one'), own('two')];
  const hooks = fakeHooks(one, two);
  const vendor = fakeVendor(clock);
  const deleted: string[] = [];
  let failure: Error | undefined;
  vendor.platform.deleteHook = (audienceVendorId, vendorId) => {
    if (failure) return Promise.reject(failure);
    deleted.push(`${audienceVendorId} ${vendorId}`);
    clock.advance(SECOND);
    return Promise.resolve();
  };
  const log = testLog();
  const retire = (change: Partial<Parameters<typeof retireHooks>[1]> = {}) =>
    retireHooks(
      { clock, log, hooks, config },
      {
        tenantId: TENANT,
        platform: 'mailchimp',
        vendor: vendor.platform,
        until: clock.now() + 20 * SECOND,
        isLeaving: () => Promise.resolve(true),
        ...change,
      },
    );
  const fail = (error: Error) => (failure = error);
  const kept = () => [...hooks.records.values()].map(({ status, expiresAt }) => [status, expiresAt]);
  return { clock, hooks, one, two, own, deleted, log, retire, fail, kept };
}
const AT_VENDOR = ['c3a91f02be at-vendor-one', 'c3a91f02be at-vendor-two'];

describe('hooks that are retired', () => {
  it('are not heard any longer, also where a successor is in use and what is under way was still heard', async () => {
    const { clock, one, hooks, deleted, retire } = open();
    await hooks.put(replaced(one, clock));
    expect(isHeard(hooks.records.get(one.secretHash) ?? one, clock.now())).toBe(true);
    await retire();
    expect(isHeard(hooks.records.get(one.secretHash) ?? one, clock.now())).toBe(false);
    // The other one: what was replaced is gone at the vendor already.
    expect(deleted).toEqual([AT_VENDOR[1]]);
  });

  it('are removed at the vendor, and say for ninety days that they are gone', async () => {
    const { clock, one, hooks, deleted, retire, kept } = open();
    const expiresAt = (clock.now() + 90 * DAY) / SECOND;
    expect(retiredUntil(clock)).toBe(expiresAt);
    await retire();
    expect(deleted).toEqual(AT_VENDOR);
    expect(kept()).toEqual([
      ['disconnected', expiresAt],
      ['disconnected', expiresAt],
    ]);
    expect(hooks.records.get(one.secretHash)).toEqual({ ...one, status: 'disconnected', expiresAt });
  });

  it('are no longer heard, those among them that were replaced a short while ago', async () => {
    const { clock, hooks, one, two, deleted, retire } = open();
    await hooks.put(replaced(one, clock));
    expect([...hooks.records.values()].filter((hook) => isHeard(hook, clock.now()))).toHaveLength(2);
    await retire();
    expect([...hooks.records.values()].filter((hook) => isHeard(hook, clock.now()))).toEqual([]);
    expect(deleted).toEqual([`c3a91f02be ${two.vendorId}`]);
  });

  it('are left where a new connection has taken them over', async () => {
    const { deleted, retire, kept } = open();
    let asked = 0;
    await retire({ isLeaving: () => Promise.resolve(++asked < 2) });
    expect(deleted).toEqual(AT_VENDOR.slice(0, 1));
    expect(kept()).toEqual([
      ['disconnected', expect.any(Number)],
      ['active', null],
    ]);
  });

  it('are forgotten, and left at the vendor, where they are another deployment’s', async () => {
    const { hooks, own, deleted, retire } = open();
    const foreign = own('three', { hookId: newHookId({ ...config, deploymentId: 'ffffffffff' }, TENANT, 0) });
    hooks.records.set(foreign.secretHash, foreign);
    await retire();
    expect(deleted).toEqual(AT_VENDOR);
    expect(hooks.records.get(foreign.secretHash)?.status).toBe('disconnected');
  });

  it('are retired here alone when the vendor cannot be asked, knows none of them, or there is no time', async () => {
    const away = open();
    await away.retire({ vendor: undefined });
    expect(away.kept().map(([status]) => status)).toEqual(['disconnected', 'disconnected']);
    const unmade = open();
    unmade.hooks.records.set(unmade.one.secretHash, { ...unmade.one, vendorId: null });
    await unmade.retire();
    expect(unmade.deleted).toEqual(AT_VENDOR.slice(1));
    const late = open();
    await late.retire({ until: late.clock.now() + SECOND });
    expect(late.deleted).toEqual(AT_VENDOR.slice(0, 1));
    expect(late.kept().map(([status]) => status)).toEqual(['disconnected', 'disconnected']);
  });

  it('are retired although the vendor refuses, and the log says which', async () => {
    const { one, two, log, retire, fail, kept } = open();
    fail(new AppError('vendor_unavailable', 'No answer.'));
    await retire();
    expect(kept().map(([status]) => status)).toEqual(['disconnected', 'disconnected']);
    expect(log.lines).toEqual(
      [one, two].map(({ hookId }) => ({
        level: 'warn',
        event: 'webhook.not_removed',
        fields: { tenantId: TENANT, hookId, code: 'vendor_unavailable' },
      })),
    );
    const broken = open();
    broken.fail(new TypeError('a bug'));
    await expect(broken.retire()).rejects.toThrow('a bug');
  });
});
