import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readyTenant, type Ready } from './connect.ts';
import { create, reaches, read } from './drafts.ts';
import { openStack, type Stack } from './open-stack.ts';

const SECOND = 1_000;

describe('a send that may be taken back', () => {
  let stack: Stack;
  let ready: Ready;

  beforeAll(async () => {
    stack = await openStack();
    ready = await readyTenant(stack, 'undoing');
    await stack.vendor.settings({ deliveryMs: 0 });
    await ready.client.call('putSettings', { body: { undoWindowSeconds: 300 } });
  });
  afterAll(() => stack.close());

  const sends = (vendorId: string | null) => stack.vendor.sendsOf(ready.accountId, vendorId ?? '');

  it('is answered at once with the time until which it can be taken back, and stays a draft when it is', async () => {
    const campaign = await create(ready, 'send', { subject: 'On second thought' });
    expect(campaign).toMatchObject({ status: 'sending', outcome: null, explanation: { mailed: 'no' } });
    const leftMs = Date.parse(campaign.undoUntil ?? '') - (await stack.now());
    expect(leftMs).toBeGreaterThan(280 * SECOND);
    expect(leftMs).toBeLessThanOrEqual(300 * SECOND);
    const undone = await ready.client.call('undoSend', { params: { id: campaign.id } });
    expect(undone).toMatchObject({ status: 'draft', undoUntil: null, error: null });
    await stack.advance(600 * SECOND);
    expect(await read(ready, campaign.id)).toMatchObject({ status: 'draft' });
    expect(await sends(campaign.vendorId)).toEqual([]);
    const { items } = await ready.client.call('listAudit', { query: { action: 'campaign.send_undone' } });
    expect(items).toMatchObject([{ outcome: 'success', target: { id: campaign.id } }]);
  });

  it('goes out when the window is over, once, and then it is too late', async () => {
    const campaign = await create(ready, 'send', { subject: 'No second thought' });
    await stack.advance(290 * SECOND);
    expect(await sends(campaign.vendorId)).toEqual([]);
    await stack.advance(15 * SECOND);
    await reaches(ready, campaign.id, 'sent');
    expect(await sends(campaign.vendorId)).toHaveLength(1);
    expect(await ready.client.problem('undoSend', { params: { id: campaign.id } })).toMatchObject({
      status: 409,
      code: 'undo_too_late',
    });
  });

  it('is not taken longer than a quarter of an hour', async () => {
    const problem = await ready.client.problem('putSettings', { body: { undoWindowSeconds: 901 } });
    expect(problem).toMatchObject({ status: 400, errors: [{ field: 'undoWindowSeconds', message: 'must be at most 900' }] });
  });
});
