import { describe, expect, it } from '@jest/globals';
import { completeErasure } from '../../../../src/core/contact/complete-erasure.ts';
import { continueErasure } from '../../../../src/core/contact/continue-erasure.ts';
import { beginErasure, endErasure, noteProgress, type ErasureRequest } from '../../../../src/core/contact/erasure.ts';
import { AppError } from '../../../../src/core/shared/app-error.ts';
import { TENANT } from '../../../support/factories.ts';
import { openErasures } from '../../../support/open-erasures.ts';

const AT = '2026-09-21T06:00:00.000Z';
const DONE = { aud_1: { left: 0, found: true, code: null } };
const request = (change: Partial<ErasureRequest> = {}): ErasureRequest => ({
  tenantId: TENANT,
  addressHash: 'a',
  contactIds: { mailchimp: ['id-1'] },
  aliases: [],
  at: AT,
  ...change,
});

describe('an erasure', () => {
  it('of which more is asked than before counts nothing that was asked until then', async () => {
    const { deps } = openErasures();
    const before = await beginErasure(deps, request());
    const now = await beginErasure(deps, request({ contactIds: { mailchimp: ['id-2'] } }));
    expect([before.round, now.round]).toEqual([1, 2]);
    await noteProgress(deps, before, DONE, null);
    const { erasure, ended } = await endErasure(deps, before, AT);
    expect([ended, erasure?.state, erasure?.audiences]).toEqual([false, 'open', {}]);
    await noteProgress(deps, now, DONE, null);
    expect(await endErasure(deps, now, AT)).toMatchObject({ ended: true, erasure: { state: 'complete', audiences: DONE } });
  });

  it('ends those of the addresses it included, but not one that waits for more', async () => {
    const { deps, erasures } = openErasures();
    const whole = await beginErasure(deps, request({ contactIds: { mailchimp: ['id-1', 'id-2'] }, aliases: ['b', 'c'] }));
    await beginErasure(deps, request({ addressHash: 'b', contactIds: { mailchimp: ['id-2'] } }));
    await beginErasure(deps, request({ addressHash: 'c', contactIds: { mailchimp: ['id-2', 'id-3'] } }));
    await completeErasure(deps, whole, 'request');
    const states = await erasures.getMany(TENANT, ['a', 'b', 'c']);
    expect([...states.values()].map(({ state }) => state)).toEqual(['complete', 'complete', 'open']);
  });

  it('has one chain of follow-ups, however often a message comes', async () => {
    const { deps, vendor, followups, join, erase, erasures } = openErasures();
    join('old@harborlane.test');
    vendor.chaos = (method) =>
      method === 'eraseContact' ? { error: new AppError('vendor_unavailable', 'No answer.') } : undefined;
    await erase('old@harborlane.test');
    const [message] = followups.pending.splice(0).map(({ followup }) => followup);
    if (message?.kind !== 'erase') throw new Error('Nothing was queued');
    for (let copy = 0; copy < 3; copy++) await continueErasure(deps, message);
    expect(followups.pending.map(({ followup }) => followup)).toMatchObject([{ kind: 'erase', step: message.step + 1 }]);
    expect([...erasures.records.values()]).toMatchObject([{ step: message.step + 1, tries: 1 }]);
  });
});
