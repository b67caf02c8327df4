import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readyTenant, sync, type Ready } from './connect.ts';
import { create, reaches, read, type Campaign } from './drafts.ts';
import { openStack, type Stack } from './open-stack.ts';

const MINUTE = 60_000;
const SEND = '^/3\\.0/campaigns/[^/]+/actions/send$';
/** What a person who sends newsletters should never have to read. */
const JARGON = /\b(?:HTTP|JSON|HTML|API|4\d\d|5\d\d|timeout|null|undefined|endpoint|exception)\b/;

const words = ({ explanation, error }: Campaign): string =>
  [explanation.happened, explanation.next ?? '', error?.cause ?? '', error?.fix ?? ''].join(' ');

describe('what a campaign tells of its send', () => {
  let stack: Stack;
  let ready: Ready;

  beforeAll(async () => {
    stack = await openStack();
    ready = await readyTenant(stack, 'words');
    await stack.vendor.settings({ deliveryMs: 0 });
  });
  afterAll(() => stack.close());

  const steps = async (id: string): Promise<string[]> => {
    const { items } = await ready.client.call('listOperations', { params: { id } });
    return items.find(({ kind }) => kind === 'send')?.steps.map(({ name }) => name) ?? [];
  };
  const sendWith = async (kind: string, more: Readonly<Record<string, unknown>> = {}) => {
    const draft = await create(ready, 'draft', { subject: `Fault ${kind} ${JSON.stringify(more)}` });
    await stack.vendor.fault(ready.accountId, { path: SEND, kind, ...more });
    const answer = await ready.client.call('sendCampaign', { params: { id: draft.id } });
    return { draft, answer };
  };

  it.each(['drop', 'html-502', 'html-504', 'akamai-503', '500', 'bare-403', 'bare-429', 'invalid-json'])(
    'an answer that is none (%s): nobody knows, and it says so in plain words',
    async (kind) => {
      const { draft, answer } = await sendWith(kind);
      expect(answer).toMatchObject({ status: 'sending', outcome: 'unknown', explanation: { mailed: 'unknown' } });
      expect(answer.explanation.happened).toContain('We do not ask a second time');
      expect(words(answer)).not.toMatch(JARGON);
      expect(await steps(draft.id)).toEqual(expect.arrayContaining(['claimed', 'send_requested', 'send_unanswered']));
    },
  );

  it('the end of all of them: not started, nothing mailed, with what Mailchimp said', async () => {
    for (let minutes = 0; minutes < 25; minutes += 5) await stack.advance(5 * MINUTE);
    const { items } = await ready.client.call('listCampaigns', { query: { limit: 100 } });
    const unanswered = items.filter(({ subject }) => subject.startsWith('Fault'));
    expect(unanswered).toHaveLength(8);
    for (const { id } of unanswered) {
      const campaign = await reaches(ready, id, 'error');
      expect(campaign).toMatchObject({ error: { code: 'send_not_started' }, explanation: { mailed: 'no' } });
      expect(campaign.explanation.happened).toContain('Nothing was mailed.');
      expect(words(campaign)).not.toMatch(JARGON);
    }
    const edge = await read(ready, unanswered.find(({ subject }) => subject.includes('akamai'))?.id ?? '');
    expect(edge.error?.vendor).toMatchObject({ status: 503, title: 'akamai_503' });
  });

  it.each([
    ['json-403', 'plan_lacks_feature'],
    ['json-401', 'api_endpoint_error'],
  ])('a clear no (%s): an error with cause, fix and the words of Mailchimp', async (kind, code) => {
    const { draft, answer } = await sendWith(kind);
    const campaign = answer.status === 'error' ? answer : await reaches(ready, draft.id, 'error');
    expect(campaign).toMatchObject({ error: { code }, explanation: { mailed: 'no' } });
    expect(campaign.error?.vendor?.requestId).toEqual(expect.any(String));
    expect(campaign.explanation.happened).toContain('Nothing was mailed.');
    expect(await steps(draft.id)).toContain('send_refused');
  });

  it('an answer that was lost although the mail went out: sent, and the ledger tells how that was found', async () => {
    const { draft } = await sendWith('drop-after-commit');
    const sent = await reaches(ready, draft.id, 'sent');
    expect(sent.explanation).toMatchObject({ mailed: 'yes', happened: expect.stringContaining('was sent at') });
    expect(await steps(draft.id)).toEqual(expect.arrayContaining(['send_requested', 'send_unanswered', 'seen']));
    const { items } = await ready.client.call('listOperations', { params: { id: draft.id } });
    expect(items.map(({ kind, outcome }) => [kind, outcome])).toEqual([
      ['send', 'succeeded'],
      ['create', 'succeeded'],
    ]);
    for (const { message } of items.flatMap((operation) => operation.steps)) expect(message).not.toMatch(JARGON);
  });

  it('a draft that somebody plans in Mailchimp: shown at the next sync, and sent now all the same', async () => {
    const draft = await create(ready, 'draft', { subject: 'Planned' });
    const quarter = 15 * MINUTE;
    const at = new Date(Math.ceil(((await stack.now()) + 2 * 60 * MINUTE) / quarter) * quarter).toISOString();
    await stack.vendor.asOwner(ready.accountId, 'POST', `/campaigns/${draft.vendorId}/actions/schedule`, { schedule_time: at });
    await sync(ready.client, 'metrics');
    const seen = await read(ready, draft.id);
    expect(seen).toMatchObject({ status: 'draft', vendorStatus: 'schedule' });
    expect(seen.explanation.happened).toContain('planned the sending');
    await ready.client.call('sendCampaign', { params: { id: draft.id } });
    await reaches(ready, draft.id, 'sent');
    expect(await steps(draft.id)).toContain('unscheduled');
  });

  it('an edit of what was sent: create a new campaign', async () => {
    const sent = await create(ready, 'send', { subject: 'Gone out' });
    await reaches(ready, sent.id, 'sent');
    const edit = await ready.client.problem('editCampaign', { params: { id: sent.id }, body: { subject: 'Changed' } });
    expect(edit).toMatchObject({ status: 409, code: 'campaign_not_editable', fix: 'Create a new campaign.' });
  });
});
