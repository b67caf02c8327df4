import { describe, expect, it, jest } from '@jest/globals';
import { recordSystemEvent } from '../../../../src/core/audit/record-system-event.ts';
import { AppError } from '../../../../src/core/shared/app-error.ts';
import { TENANT } from '../../../support/factories.ts';
import { fakeAudit } from '../../../support/fake-audit.ts';
import { testClock } from '../../../support/test-clock.ts';
import { testLog } from '../../../support/test-log.ts';

const openDeps = () => ({ clock: testClock(), log: testLog(), audit: fakeAudit() });
const LOST = {
  tenantId: TENANT,
  action: 'connection.lost',
  error: 'invalid_token',
  target: { type: 'connection', id: 'mailchimp' },
  before: { status: 'connected' },
  after: { status: 'needs_reconnect' },
} as const;

describe('recordSystemEvent', () => {
  it('puts a finished entry into the trail whose actor is the service', async () => {
    const deps = openDeps();
    await recordSystemEvent(deps, LOST);
    expect([...deps.audit.entries.values()]).toEqual([
      {
        ...LOST,
        id: expect.stringMatching(/^evt_[0-9A-Z]{26}$/),
        at: '2026-09-21T06:00:00.000Z',
        outcome: 'failure',
        actor: { kind: 'system', id: 'system', name: 'The service itself', role: null },
        ip: null,
        userAgent: null,
        requestId: null,
      },
    ]);
  });

  it('keeps no address that stands in a name', async () => {
    const deps = openDeps();
    await recordSystemEvent(deps, { ...LOST, before: { accountName: 'Shop of gone@x.test' }, after: { name: 'a@x.test', n: 1 } });
    expect([...deps.audit.entries.values()]).toMatchObject([
      { before: { accountName: 'Shop of [address]' }, after: { name: '[address]', n: 1 } },
    ]);
  });

  it('is a success without an error, and needs nothing but an action', async () => {
    const deps = openDeps();
    await recordSystemEvent(deps, { tenantId: TENANT, action: 'webhooks.repaired' });
    expect([...deps.audit.entries.values()]).toMatchObject([{ outcome: 'success', error: null, target: null, before: null }]);
  });

  it('stops nothing when the trail is away, and says so', async () => {
    const deps = openDeps();
    jest.spyOn(deps.audit, 'write').mockRejectedValueOnce(new AppError('service_unavailable', 'Away.'));
    await recordSystemEvent(deps, LOST);
    expect(deps.log.lines).toEqual([
      { level: 'error', event: 'audit.not_recorded', fields: { tenantId: TENANT, action: 'connection.lost' } },
    ]);
  });
});
