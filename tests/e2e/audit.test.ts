import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { BodyOf, Client, Input } from './client.ts';
import { consent, readyTenant, type Ready } from './connect.ts';
import { create } from './drafts.ts';
import { openStack, type Stack } from './open-stack.ts';
import { tokensOf } from './table.ts';

type Item = BodyOf<'listAudit'>['items'][number];

const PERSON = 'Mira.Lindqvist@Readers.test';

describe('the audit trail', () => {
  let stack: Stack;
  let ready: Ready;
  let owner: Client;
  let viewer: Client;
  let ownerKeyId: string;
  let campaign: BodyOf<'createCampaign'>;
  let tokens: string[];
  const made: BodyOf<'createApiKey'>[] = [];

  const read = async (query: Input['query'] = {}): Promise<Item[]> =>
    (await owner.call('listAudit', { query: { limit: 1000, ...query } })).items;
  const newest = async (action: string): Promise<Item | undefined> => (await read({ action }))[0];
  const keyFor = async (role: string): Promise<Client> => {
    const key = await owner.call('createApiKey', { body: { name: `The ${role}`, role } });
    made.push(key);
    return owner.as(key.apiKey);
  };

  beforeAll(async () => {
    stack = await openStack();
    ready = await readyTenant(stack, 'ledger', { subscribed: 6 });
    owner = ready.client;
    ownerKeyId = (await owner.call('listApiKeys')).items[0]?.id ?? '';
    tokens = await tokensOf(stack, owner.tenantId);
    viewer = await keyFor('viewer');
    await owner.call('putSettings', { body: { senderName: 'Ledger', timezone: 'Europe/Berlin' } });
    campaign = await create(ready, 'send', { subject: 'Accounts are in' });
    await create(ready, 'draft');
    await owner.call('addSuppression', { body: { email: PERSON, reason: `${PERSON} asked` } });
    await owner.call('liftSuppression', { params: { email: PERSON }, body: { reason: `${PERSON} came back` } });
    await owner.call('eraseContact', { params: { email: PERSON } });
    await owner.raw('/v1/suppressions/export');
  });
  afterAll(() => stack.close());

  it('tells who, from where, with what', async () => {
    const entry = await newest('settings.changed');
    expect(entry).toMatchObject({
      outcome: 'success',
      error: null,
      actor: { kind: 'key', id: ownerKeyId, role: 'owner' },
      target: null,
      before: { senderName: null, timezone: null },
      after: { senderName: 'Ledger', timezone: 'Europe/Berlin' },
      ip: '127.0.0.1',
      userAgent: 'node',
    });
    expect(entry?.actor.name).not.toBe('');
    expect(entry?.requestId).toMatch(/\S/);
    expect(Math.abs(Date.parse(entry?.at ?? '') - (await stack.now()))).toBeLessThan(120_000);
  });

  it('has what connected, was sent, suppressed, lifted, erased, exported and made', async () => {
    const target = (type: string, id: unknown) => ({ type, id });
    const hash = expect.stringMatching(/^[0-9a-f]{64}$/);
    const mailchimp = { accountId: ready.accountId, accountName: 'ledger', status: 'connected' };
    expect(await newest('connection.completed')).toMatchObject({
      outcome: 'success',
      target: target('connection', 'mailchimp'),
      before: null,
      after: mailchimp,
    });
    expect(await newest('campaign.sent')).toMatchObject({
      outcome: 'success',
      target: target('campaign', campaign.id),
      after: { status: campaign.status, subject: 'Accounts are in', audienceId: ready.audienceId },
    });
    expect(await read({ action: 'campaign.sent' })).toHaveLength(1);
    const [free, suppressed] = [
      { suppressed: false, reason: null },
      { suppressed: true, reason: 'manual' },
    ];
    expect(await newest('suppression.added')).toMatchObject({
      target: target('suppression', hash),
      before: free,
      after: suppressed,
    });
    expect(await newest('suppression.lifted')).toMatchObject({
      target: target('suppression', hash),
      before: suppressed,
      after: free,
    });
    expect(await newest('contact.erased')).toMatchObject({
      target: target('contact', hash),
      after: { erased: true, audiences: 1 },
    });
    expect(await newest('suppressions.exported')).toMatchObject({ outcome: 'success', target: null });
    expect(await newest('api_key.created')).toMatchObject({
      target: target('api_key', made[0]?.id),
      before: null,
      after: { name: 'The viewer', role: 'viewer' },
    });
  });

  it('has a revoked key, and a last one that could not be', async () => {
    const spare = await owner.call('createApiKey', { body: { name: 'Spare', role: 'editor' } });
    await owner.call('revokeApiKey', { params: { id: spare.id } });
    expect(await newest('api_key.revoked')).toMatchObject({
      outcome: 'success',
      target: { type: 'api_key', id: spare.id },
      before: { name: 'Spare', role: 'editor' },
      after: null,
    });
    await owner.problem('revokeApiKey', { params: { id: ownerKeyId } });
    expect(await newest('api_key.revoked')).toMatchObject({ outcome: 'failure', error: 'last_owner_key' });
  });

  it('has what a role was denied, and who tried', async () => {
    await viewer.problem('disconnect');
    await viewer.problem('liftSuppression', { params: { email: PERSON } });
    const admin = await keyFor('admin');
    await admin.problem('createApiKey', { body: { name: 'Usurper', role: 'owner' } });
    const denied = await read({ outcome: 'denied' });
    expect(denied.map(({ action, actor, error }) => [action, actor.role, error])).toEqual([
      ['api_key.created', 'admin', 'forbidden'],
      ['suppression.lifted', 'viewer', 'forbidden'],
      ['connection.removed', 'viewer', 'forbidden'],
    ]);
    expect(await owner.call('getConnection')).toMatchObject({ status: 'connected' });
    expect(await viewer.problem('listAudit')).toMatchObject({ status: 403 });
  });

  it('has consents that could not be completed, with the reason', async () => {
    const { state } = await consent(owner, ready.accountId);
    await owner.problem('complete', { body: { state, ticket: 'stolen' } });
    const entry = await newest('connection.completed');
    expect(entry).toMatchObject({ outcome: 'failure', error: 'invalid_oauth_session', after: null });
    expect(JSON.stringify(entry)).not.toContain(state);
    expect(JSON.stringify(entry)).not.toContain('stolen');
  });

  it('has a send that was refused, though the campaign was made', async () => {
    await owner.call('putSettings', { body: { senderEmail: 'news@unverified.test' } });
    const refused = await create(ready, 'send');
    expect(refused.status).toBe('error');
    expect(await newest('campaign.sent')).toMatchObject({
      outcome: 'failure',
      error: 'sender_unverified',
      target: { type: 'campaign', id: refused.id },
      after: { status: 'error' },
    });
    expect(await newest('settings.changed')).toMatchObject({
      before: { senderEmail: null },
      after: { senderEmail: 'news@unverified.test' },
    });
    await owner.call('putSettings', { body: { senderEmail: null } });
    await owner.problem('sendCampaign', { params: { id: 'cmp_0123456789abcdef' } });
    expect(await newest('campaign.sent')).toMatchObject({ outcome: 'failure', error: 'not_found', before: null });
  });

  it('has one entry for a request that was repeated under its key', async () => {
    const input = { body: { email: 'twice@readers.test' }, headers: { 'idempotency-key': 'ledger-1' } };
    for (const _ of [1, 2, 3]) await owner.call('addSuppression', input);
    expect(await read({ action: 'suppression.added', email: 'twice@readers.test' })).toHaveLength(1);
  });

  it('finds what was done to a person, and by an actor, in a span of time', async () => {
    expect((await read({ email: PERSON.toLowerCase() })).map(({ action, outcome }) => `${action} ${outcome}`)).toEqual([
      'suppression.lifted denied',
      'contact.erased success',
      'suppression.lifted success',
      'suppression.added success',
    ]);
    expect(await read({ email: 'somebody.else@readers.test' })).toEqual([]);
    const all = await read();
    const own = await read({ actor: ownerKeyId });
    expect(own.length).toBeGreaterThan(8);
    expect(own).toEqual(all.filter(({ actor }) => actor.id === ownerKeyId));
    const [from, to] = [all[6]?.at ?? '', all[2]?.at ?? ''];
    expect(await read({ since: from, until: to })).toEqual(all.filter(({ at }) => at >= from && at <= to));
    expect(await owner.problem('listAudit', { query: { since: to, until: from } })).toMatchObject({ status: 400 });
    expect(await owner.problem('listAudit', { query: { action: 'tea.made' } })).toMatchObject({ status: 400 });
  });

  it('is read in pages, newest first; a cursor goes on with the filters it began with', async () => {
    const pages: Item[] = [];
    let cursor: string | null = null;
    do {
      const query: Input['query'] = { limit: 4, outcome: 'success', ...(cursor !== null && { cursor }) };
      const page: BodyOf<'listAudit'> = await owner.call('listAudit', { query });
      pages.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(pages).toEqual(await read({ outcome: 'success' }));
    expect(pages.map(({ id }) => id)).toEqual(
      pages
        .map(({ id }) => id)
        .toSorted()
        .toReversed(),
    );
    const { nextCursor } = await owner.call('listAudit', { query: { limit: 2 } });
    const other = { limit: 2, cursor: nextCursor ?? '', outcome: 'failure' };
    expect(await owner.problem('listAudit', { query: other })).toMatchObject({ code: 'invalid_cursor' });
  });

  it('has the end of a connection', async () => {
    await owner.call('disconnect');
    expect(await newest('connection.removed')).toMatchObject({
      outcome: 'success',
      actor: { id: ownerKeyId },
      before: { status: 'connected', accountId: ready.accountId },
      after: { status: 'disconnected', accountId: null, accountName: null },
    });
  });

  it('holds no key, no token and no address of a person', async () => {
    const text = JSON.stringify(await read());
    expect(text.length).toBeGreaterThan(5_000);
    expect(tokens).toHaveLength(1);
    for (const secret of [...tokens, owner.apiKey ?? '', ...made.map(({ apiKey }) => apiKey)]) expect(text).not.toContain(secret);
    expect(text).not.toMatch(/mira|lindqvist|@readers/i);
    // The only address is the sender the tenant chose for itself.
    expect(new Set(text.match(/[\w.+-]+@[\w.-]+/g))).toEqual(new Set(['news@unverified.test']));
  });

  it('shows another tenant nothing of it', async () => {
    const other = await stack.tenant('outsider', '--owner', 'o@outsider.test');
    const [first, ...more] = (await other.call('listAudit')).items;
    expect(more).toEqual([]);
    expect(first).toMatchObject({ action: 'api_key.created', actor: { kind: 'system', name: 'An operator' } });
    await other.call('putSettings', { body: { senderName: 'Outsider' } });
    expect((await other.call('listAudit')).items).toHaveLength(2);
    expect((await other.call('listAudit', { query: { actor: ownerKeyId } })).items).toEqual([]);
    expect(JSON.stringify(await read())).not.toContain('Outsider');
  });

  it('is changed by nobody', async () => {
    const before = await read();
    const [first] = before;
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'])
      for (const path of ['/v1/audit', `/v1/audit/${first?.id}`]) {
        const { status } = await owner.raw(path, { method, headers: { 'content-type': 'application/json' }, body: '{}' });
        expect([method, path, status]).toEqual([method, path, 404]);
      }
    expect(await read()).toEqual(before);
  });
});
