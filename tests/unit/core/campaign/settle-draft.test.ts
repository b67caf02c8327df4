import { describe, expect, it } from '@jest/globals';
import { vendorTitle } from '../../../../src/core/campaign/campaign.ts';
import { draftCampaign, type DraftInput } from '../../../../src/core/campaign/draft-campaign.ts';
import { editDraft } from '../../../../src/core/campaign/edit-draft.ts';
import { readLedger } from '../../../../src/core/campaign/ledger.ts';
import { sendCampaign } from '../../../../src/core/campaign/send-campaign.ts';
import { AppError } from '../../../../src/core/shared/app-error.ts';
import { MINUTE } from '../../../../src/core/shared/clock.ts';
import { anAudience, TENANT } from '../../../support/factories.ts';
import { openCampaigns } from '../../../support/open-campaigns.ts';

const INPUT: DraftInput = { audienceId: anAudience().id, subject: 'Autumn loaves', html: '<p>Rye is back.</p>' };
const ULID = '01M318SGR0K9FBA1RA9JEDN3VY';
const silence = () => new AppError('vendor_unavailable', 'No answer.');

function open() {
  const world = openCampaigns();
  const records = () => [...world.campaigns.records.values()];
  const atVendor = () => [...world.vendor.campaigns.held.keys()];
  const copyBy = (title: string) =>
    world.vendor.campaigns.create({
      title,
      audienceVendorId: anAudience().vendorId,
      subject: 'Autumn loaves',
      previewText: null,
      fromName: 'Ines',
      senderEmail: 'ines@harborlane.test',
    });
  return { world, records, atVendor, copyBy };
}

describe('what is looked at three minutes after a draft was written', () => {
  it('costs no call when all is well', async () => {
    const { world } = open();
    await draftCampaign(world.openProcess(), TENANT, INPUT);
    const { length } = world.vendor.calls;
    await world.driver.drain();
    expect(world.vendor.calls).toHaveLength(length);
  });

  it('leaves one draft when a create that seemed lost has its effect late, behind a repetition with the same key', async () => {
    const { world, records, atVendor } = open();
    const attempt = (isRepeat: boolean) =>
      draftCampaign(world.openProcess(), TENANT, INPUT, { operation: { ulid: ULID, isRepeat } });
    world.vendor.faults.push({ method: 'createCampaign', when: 'late', error: silence() });
    await expect(attempt(false)).rejects.toMatchObject({ code: 'vendor_unavailable' });
    expect(records()).toEqual([]);
    await attempt(true);
    await world.driver.drain();
    expect(records()).toMatchObject([{ status: 'draft', synced: true }]);
    expect(atVendor()).toEqual(records().map(({ vendorId }) => vendorId));
  });

  it('leaves one draft after three attempts with the same key, two of which left one each', async () => {
    const { world, records, atVendor } = open();
    const attempt = (isRepeat: boolean) =>
      draftCampaign(world.openProcess(), TENANT, INPUT, { operation: { ulid: ULID, isRepeat } });
    world.vendor.faults.push({ method: 'createCampaign', when: 'late', error: silence() });
    await expect(attempt(false)).rejects.toMatchObject({ code: 'vendor_unavailable' });
    for (const method of ['updateCampaign', 'readCampaign'] as const) world.vendor.faults.push({ method, error: silence() });
    await expect(attempt(true)).rejects.toMatchObject({ code: 'vendor_unavailable' });
    world.clock.advance(2 * MINUTE);
    await attempt(true);
    expect(atVendor()).toHaveLength(2);
    await world.driver.drain();
    expect(records()).toMatchObject([{ status: 'draft', synced: true }]);
    expect(atVendor()).toEqual(records().map(({ vendorId }) => vendorId));
  });

  it('leaves nothing at the vendor of a draft that nobody made again', async () => {
    const { world, records, atVendor } = open();
    world.vendor.faults.push({ method: 'createCampaign', when: 'late', error: silence() });
    await expect(draftCampaign(world.openProcess(), TENANT, INPUT)).rejects.toMatchObject({ code: 'vendor_unavailable' });
    await world.driver.drain();
    expect([records(), atVendor(), [...world.contents.stored.keys()]]).toEqual([[], [], []]);
  });

  it('neither takes our own draft nor a copy that a person made of it for a second one', async () => {
    const { world, records, atVendor, copyBy } = open();
    const { id } = await draftCampaign(world.openProcess(), TENANT, INPUT);
    const [record] = records();
    if (record) world.campaigns.records.set(id, { ...record, createCalls: 2 });
    copyBy(`${vendorTitle({ id, subject: INPUT.subject })} (copy 01)`);
    copyBy(vendorTitle({ id, subject: INPUT.subject }));
    await world.driver.drain();
    expect(atVendor()).toEqual(['vc1', 'vc2']);
  });

  it('still knows of a second create after the change that asked for it was taken back', async () => {
    const { world, records, atVendor } = open();
    const { id } = await draftCampaign(world.openProcess(), TENANT, INPUT);
    const [record] = records();
    world.vendor.campaigns.held.clear();
    if (record) world.campaigns.records.set(id, { ...record, vendorId: null, synced: false });
    world.vendor.faults.push({ method: 'putContent', error: new AppError('vendor_rejected', 'Mailchimp answered 400.') });
    const edit = editDraft(world.openProcess(), TENANT, id, { subject: 'Winter loaves' });
    await expect(edit).rejects.toMatchObject({ code: 'vendor_rejected' });
    expect(records()).toMatchObject([{ subject: 'Autumn loaves', createCalls: 2 }]);
    await world.driver.drain();
    expect(atVendor()).toEqual(records().map(({ vendorId }) => vendorId));
  });

  it('waits for a send that owns the draft, and finishes it when the send fails before it is brought over', async () => {
    const { world, records, atVendor } = open();
    const { id } = await draftCampaign(world.openProcess(), TENANT, INPUT);
    const [record] = records();
    world.vendor.campaigns.held.clear();
    if (record) world.campaigns.records.set(id, { ...record, vendorId: null, synced: false });
    world.driver.pending.splice(0);
    // Its create is answered by nobody, and happens late: the send ends, and somebody has to look for the draft.
    world.vendor.faults.push({ method: 'createCampaign', when: 'late', error: silence() });
    await expect(sendCampaign(world.openProcess(), TENANT, id)).rejects.toMatchObject({ code: 'vendor_unavailable' });
    await world.driver.drain();
    expect(records()).toMatchObject([{ status: 'error', synced: true }]);
    expect(atVendor()).toEqual(records().map(({ vendorId }) => vendorId));
    expect(world.vendor.campaigns.mailings()).toBe(0);
  });

  it('looks again while a send is at work on the same draft', async () => {
    const { world, records } = open();
    const { id } = await draftCampaign(world.openProcess(), TENANT, INPUT);
    const [record] = records();
    const send = { phase: 'claimed' as const, claimId: 'op_1', claimedAt: '', requestedAt: null, unsentSince: null };
    const more = { polls: 0, lastPollAt: null, queued: false, undoUntil: null };
    if (record) world.campaigns.records.set(id, { ...record, synced: false, status: 'sending', send: { ...send, ...more } });
    world.clock.advance(4 * MINUTE);
    await world.driver.deliverDue();
    expect(world.driver.pending).toMatchObject([{ followup: { kind: 'settle-draft', tries: 1 } }]);
  });
});

it('keeps every operation in the ledger when the next one begins', async () => {
  const { world, records } = open();
  const { id } = await draftCampaign(world.openProcess(), TENANT, INPUT);
  world.clock.advance(MINUTE);
  await editDraft(world.openProcess(), TENANT, id, { subject: 'Winter loaves' });
  world.clock.advance(MINUTE);
  await sendCampaign(world.openProcess(), TENANT, id);
  await world.driver.drain();
  const [record] = records();
  const ledger = record ? await readLedger(world, record) : [];
  expect(ledger.map(({ kind, outcome }) => [kind, outcome])).toEqual([
    ['send', 'succeeded'],
    ['edit', 'succeeded'],
    ['create', 'succeeded'],
  ]);
});
