import { describe, expect, it } from '@jest/globals';
import { usePlatform, type OpenPlatformRequest } from '../../../../src/core/connection/use-platform.ts';
import { AppError } from '../../../../src/core/shared/app-error.ts';
import { aConnection, TENANT } from '../../../support/factories.ts';
import { openConnections } from '../../../support/open-connections.ts';

function open(change: Parameters<typeof aConnection>[0] = {}) {
  const world = openConnections(aConnection(change));
  const opened: OpenPlatformRequest[] = [];
  const deps = {
    ...world,
    openPlatform: (request: OpenPlatformRequest) => {
      opened.push(request);
      return world.vendor.platform;
    },
  };
  const use = <T>(work: () => Promise<T>) => usePlatform(deps, TENANT, 'mailchimp', 'interactive', work);
  const stored = () => world.connections.records.get(`${TENANT}/mailchimp`);
  return { world, opened, use, stored };
}
const dead = () => Promise.reject(new AppError('invalid_token', 'Dead.'));

describe('usePlatform', () => {
  it('opens the platform with the token of the connection', async () => {
    const { opened, use } = open();
    expect(await use(() => Promise.resolve('done'))).toBe('done');
    expect(opened).toMatchObject([{ token: 'token-1', apiEndpoint: 'https://us7.api.mailchimp.com', lane: 'interactive' }]);
  });

  it.each([
    [{ status: 'disconnected' as const }, 'not_connected'],
    [{ status: 'needs_reconnect' as const }, 'invalid_token'],
    [{ tokenRef: null }, 'invalid_token'],
    [{ apiEndpoint: null }, 'invalid_token'],
  ])('refuses %j without a call', async (change, code) => {
    const { opened, use } = open(change);
    await expect(use(() => Promise.resolve())).rejects.toMatchObject({ code });
    expect(opened).toEqual([]);
  });

  it.each(['invalid_token', 'account_disabled'] as const)('marks the connection when the vendor says %s', async (code) => {
    const { use, stored } = open();
    await expect(use(() => Promise.reject(new AppError(code, 'Dead.')))).rejects.toMatchObject({ code });
    expect(stored()).toMatchObject({ status: 'needs_reconnect', lastError: { code } });
    await expect(use(() => Promise.resolve())).rejects.toMatchObject({ code });
  });

  it("puts the loss into the trail, once, as nobody's deed", async () => {
    const { world, use } = open();
    await Promise.allSettled(Array.from({ length: 5 }, () => use(dead)));
    expect([...world.audit.entries.values()]).toMatchObject([
      {
        action: 'connection.lost',
        outcome: 'failure',
        error: 'invalid_token',
        actor: { kind: 'system' },
        before: { status: 'connected' },
        after: { status: 'needs_reconnect' },
      },
    ]);
  });

  it('marks it once, however many notice', async () => {
    const { world, use, stored } = open();
    await Promise.allSettled(Array.from({ length: 10 }, () => use(dead)));
    expect(stored()?.version).toBe(2);
    expect(world.log.lines.filter(({ event }) => event === 'connection.lost').length).toBeGreaterThanOrEqual(1);
  });

  it('leaves a connection alone that was renewed meanwhile', async () => {
    const { world, use, stored } = open();
    const renewed = aConnection({ connectionId: 'con_second', version: 2 });
    const failed = use(() => {
      world.connections.records.set(`${TENANT}/mailchimp`, renewed);
      return dead();
    });
    await expect(failed).rejects.toMatchObject({ code: 'invalid_token' });
    expect(stored()).toEqual(renewed);
  });

  it.each(['vendor_unavailable', 'plan_lacks_feature', 'vendor_rate_limited'] as const)(
    'does not mark it for %s',
    async (code) => {
      const { use, stored } = open();
      await expect(use(() => Promise.reject(new AppError(code, 'No.')))).rejects.toMatchObject({ code });
      expect(stored()?.status).toBe('connected');
    },
  );

  it('keeps the new host of an account that moved', async () => {
    const { opened, use, stored } = open();
    await use(async () => opened[0]?.onEndpointMoved('https://us21.api.mailchimp.com'));
    expect(stored()).toMatchObject({ apiEndpoint: 'https://us21.api.mailchimp.com', status: 'connected' });
  });
});
