import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectFully } from './connect.ts';
import type { Client } from './client.ts';
import { create } from './drafts.ts';
import { openStack, type Stack } from './open-stack.ts';

describe('settings and the sender', () => {
  let stack: Stack;
  let client: Client;

  beforeAll(async () => {
    stack = await openStack();
    client = await stack.tenant('acme', '--owner', 'boss@acme.test', '--domain', 'acme.test');
  });
  afterAll(() => stack.close());

  const NOTHING = {
    senderEmail: null,
    senderName: null,
    defaultPlatform: null,
    timezone: null,
    undoWindowSeconds: 0,
    warnings: [],
  };

  it('begins with nothing set', async () => {
    expect(await client.call('getSettings')).toEqual(NOTHING);
  });

  it('changes the fields given and takes a setting back with null', async () => {
    await client.call('putSettings', { body: { senderName: 'Acme', timezone: 'Europe/Berlin' } });
    await client.call('putSettings', { body: { defaultPlatform: 'mailchimp' } });
    expect(await client.call('getSettings')).toEqual({
      ...NOTHING,
      senderName: 'Acme',
      timezone: 'Europe/Berlin',
      defaultPlatform: 'mailchimp',
    });
    expect(await client.call('putSettings', { body: { timezone: null } })).toMatchObject({ timezone: null, senderName: 'Acme' });
    expect(await client.call('getSettings')).toMatchObject({ timezone: null, defaultPlatform: 'mailchimp' });
  });

  it.each([
    [{ senderEmail: 'no address' }, 'senderEmail'],
    [{ senderEmail: `${'a'.repeat(330)}@acme.test` }, 'senderEmail'],
    [{ senderName: 'Two\nlines' }, 'senderName'],
    [{ senderName: 'x'.repeat(101) }, 'senderName'],
    [{ timezone: 'Mars/Olympus' }, 'timezone'],
    [{ defaultPlatform: 'pigeon' }, 'defaultPlatform'],
    [{ colour: 'red' }, 'colour'],
  ])('refuses what a setting cannot be: %#', async (body, field) => {
    const before = await client.call('getSettings');
    const problem = await client.problem('putSettings', { body });
    expect(problem).toMatchObject({ status: 400, code: 'invalid_input' });
    expect(problem.errors?.map((error) => error.field)).toContain(field);
    expect(await client.call('getSettings')).toEqual(before);
  });

  it('finds the sender by four rules, in order', async () => {
    const [none, domain, owner] = await Promise.all([
      stack.tenant('bare'),
      stack.tenant('domained', '--domain', 'domained.test'),
      stack.tenant('owned', '--owner', 'Me@Owned.test', '--domain', 'owned.test'),
    ]);
    expect(await none.call('getSender')).toMatchObject({ email: 'newsletter@bare.com', rule: 'slug' });
    expect(await domain.call('getSender')).toMatchObject({ email: 'hello@domained.test', rule: 'domain' });
    expect(await owner.call('getSender')).toMatchObject({ email: 'me@owned.test', rule: 'owner', verified: null });
    await owner.call('putSettings', { body: { senderEmail: 'news@owned.test' } });
    expect(await owner.call('getSender')).toMatchObject({ email: 'news@owned.test', rule: 'setting' });
    await owner.call('putSettings', { body: { senderEmail: null } });
    expect(await owner.call('getSender')).toMatchObject({ email: 'me@owned.test', rule: 'owner' });
  });

  it('says whether the connected account may send from it', async () => {
    const { id } = await stack.vendor.account('Acme', { email: 'boss@acme.test' });
    const listId = await stack.vendor.list(id, 'Acme readers', { subscribed: 2 });
    await connectFully(client, id);
    const { checkedAt, ...sent } = await client.call('getSender');
    expect(sent).toEqual({
      email: 'boss@acme.test',
      rule: 'owner',
      verified: true,
      domain: 'acme.test',
      domainStatus: 'authenticated',
      freeMail: false,
      authenticated: true,
      reason: null,
      fix: null,
    });
    expect(Math.abs(Date.parse(checkedAt ?? '') - (await stack.now()))).toBeLessThan(60_000);
    const stored = await client.call('putSettings', { body: { senderEmail: 'news@elsewhere.test' } });
    expect(stored.warnings.map(({ code }) => code)).toEqual(['sender_unverified']);
    const sender = await client.call('getSender');
    expect(sender).toMatchObject({ email: 'news@elsewhere.test', rule: 'setting', verified: false });
    expect(sender.fix).toMatch(/verify/i);
    await stack.vendor.tell('POST', `/accounts/${id}/domains`, { domain: 'elsewhere.test' });
    expect(await client.call('getSender')).toMatchObject({ verified: true, fix: null });
    const [audience] = (await client.call('listAudiences')).items;
    const draft = await create({ client, accountId: id, listId, audienceId: audience?.id ?? '' }, 'draft');
    expect(draft).toMatchObject({ fromName: 'Acme', sender: { email: 'news@elsewhere.test', rule: 'setting' } });
  });

  it('says how the domain of the sender stands, and what to do about it', async () => {
    const accountId = (await client.call('getConnection')).accountId ?? '';
    const domain = (changes: Readonly<Record<string, unknown>>) =>
      stack.vendor.tell('POST', `/accounts/${accountId}/domains`, changes);
    await domain({ domain: 'waiting.test', verified: false, authenticated: false });
    await domain({ domain: 'plain.test', verified: true, authenticated: false });
    for (const [senderEmail, domainStatus, verified, warning, fix] of [
      ['news@waiting.test', 'pending', false, 'sender_unverified', /code to an address of waiting\.test/],
      ['news@plain.test', 'verified', true, null, /Authenticate plain\.test/],
      ['news@mail.plain.test', 'unverified', false, 'sender_unverified', /add mail\.plain\.test/],
      ['acme@GMail.com', 'free_mail', false, 'sender_unverified', /domain of your own.*gmail\.com/],
    ] as const) {
      const { warnings } = await client.call('putSettings', { body: { senderEmail } });
      expect([senderEmail, warnings.map(({ code }) => code)]).toEqual([senderEmail, warning === null ? [] : [warning]]);
      const sender = await client.call('getSender');
      expect(sender).toMatchObject({ domainStatus, verified, freeMail: domainStatus === 'free_mail', reason: null });
      expect(sender.fix).toMatch(fix);
      if (warning !== null) expect(warnings[0]?.message).toBe(sender.fix);
    }
  });

  it('says why it cannot tell', async () => {
    const silent = { verified: null, authenticated: null, checkedAt: null };
    const accountId = (await client.call('getConnection')).accountId ?? '';
    await client.call('putSettings', { body: { senderEmail: 'news@plain.test' } });
    for (const [kind, reason] of [
      ['json-403', 'no_right'],
      ['500', 'no_answer'],
    ] as const) {
      await stack.vendor.fault(accountId, { path: '/3.0/verified-domains', kind, times: 'always' });
      expect(await client.call('getSender')).toMatchObject({ ...silent, domainStatus: 'unknown', reason });
      await stack.vendor.tell('DELETE', '/faults');
    }
    await client.call('disconnect');
    const unconnected = await client.call('getSender');
    expect(unconnected).toMatchObject({ ...silent, domainStatus: 'unknown', reason: 'not_connected' });
    expect(unconnected.fix).toMatch(/^Connect Mailchimp/);
    // A name is enough to tell a free mailer.
    const { warnings } = await client.call('putSettings', { body: { senderEmail: 'acme@gmail.com' } });
    expect(warnings.map(({ code }) => code)).toEqual(['sender_free_mail']);
    expect(await client.call('getSender')).toMatchObject({ ...silent, domainStatus: 'free_mail', reason: 'not_connected' });
  });
});
