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

  const NOTHING = { senderEmail: null, senderName: null, defaultPlatform: null, timezone: null, warnings: [] };

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
    expect(await client.call('getSender')).toEqual({ email: 'boss@acme.test', rule: 'owner', verified: true, fix: null });
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
});
