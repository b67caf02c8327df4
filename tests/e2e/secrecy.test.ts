import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { consent, decide, readyTenant, returnUrlOf, runEnd, sync } from './connect.ts';
import { encode, post, sign, signingSecretOf } from './deliveries.ts';
import { create, reaches, type Campaign } from './drafts.ts';
import { http } from './http.ts';
import { openStack, type Stack } from './open-stack.ts';
import { secrets, tableText, tokensOf } from './table.ts';
import { findTraces } from './traces.ts';

const CLIENT_SECRET = 'local-app-secret';

describe('secrets and addresses stay where they belong', () => {
  let stack: Stack;
  let accountId: string;
  let token: string;
  let usedTicket: string;
  let openTicket: string;
  let tableMeanwhile: string;
  let states: string[];
  let code: string;
  let hookSecret: string;
  let campaign: Campaign;

  beforeAll(async () => {
    stack = await openStack();
    const client = stack.demo;
    ({ id: accountId } = await stack.vendor.account('Discreet', { email: 'owner@harborlane.test' }));
    const listId = await stack.vendor.list(accountId, 'Discreet readers', { subscribed: 20, unsubscribed: 4, cleaned: 2 });
    const { state, ticket, callback } = await consent(client, accountId);
    code = callback.searchParams.get('code') ?? '';
    await client.call('complete', { body: { state, ticket } });
    usedTicket = ticket;
    // One consent stays open, with its token sealed in the table.
    const pending = await consent(client, accountId);
    openTicket = pending.ticket;
    tableMeanwhile = await tableText(stack);
    states = [state, pending.state];
    const denied = await client.call('connect', { body: { returnUrl: returnUrlOf(client) } });
    await http((await decide(denied.authorizeUrl, 'deny')).href);
    for (const { runId } of (await client.call('listSyncs')).items) await runEnd(client, runId);
    const [audience] = (await client.call('listAudiences')).items;
    await stack.vendor.settings({ deliveryMs: 0 });
    const ready = { client, accountId, listId, audienceId: audience?.id ?? '' };
    campaign = await reaches(ready, (await create(ready, 'send')).id, 'sent');
    const [hook] = await stack.vendor.hooks(accountId);
    hookSecret = new URL(hook?.url ?? '').searchParams.get('secret') ?? '';
    const body = encode('unsubscribe', { email: 'private.person@readers.test', reason: 'manual' });
    const key = signingSecretOf(stack, hook?.id ?? '');
    await post(hook?.url ?? '', body, sign(key, body));
    await post(hook?.url ?? '', body, 'forged');
    await client.call('getSuppression', { params: { email: 'private.person@readers.test' } });
    await client.call('addSuppression', { body: { email: 'private.second@readers.test' } });
    await client.call('eraseContact', { params: { email: 'private.second@readers.test' } });
    await client.problem('getSuppression', { params: { email: 'private.third@readers.test' } });
    await client.problem('addSuppression', { body: { email: 'private.fourth@readers' } });
    await client.call('testCampaign', {
      params: { id: (await create(ready, 'draft')).id },
      body: { emails: ['private.fifth@readers.test'] },
    });
    await stack.advance(24 * 3_600_000);
    [token = ''] = await tokensOf(stack, client.tenantId);
  });
  afterAll(() => stack.close());

  /** Files below the state folder with their bytes, without those of the folders named. */
  const filesBut = (...folders: readonly string[]) =>
    readdirSync(stack.stateDir, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(stack.stateDir, join(entry.parentPath, entry.name)))
      .filter((path) => !folders.some((folder) => path.startsWith(`${folder}/`)))
      .map((path) => ({ path, bytes: readFileSync(join(stack.stateDir, path)) }));
  const holding = (text: string, files = filesBut('secrets')) =>
    files.filter(({ bytes }) => bytes.includes(text)).map(({ path }) => path);

  it('really had a token, tickets and a campaign', () => {
    expect(token).toMatch(/^[0-9a-f]{32}$/);
    expect(usedTicket.length).toBeGreaterThanOrEqual(43);
    expect(openTicket.length).toBeGreaterThanOrEqual(43);
    expect(campaign.status).toBe('sent');
    expect(filesBut().length).toBeGreaterThan(filesBut('secrets').length);
  });

  it('keeps the token in the secrets folder alone', async () => {
    expect(holding(token)).toEqual([]);
    expect(holding(Buffer.from(token).toString('base64'))).toEqual([]);
    expect(stack.output()).not.toContain(token);
    expect(await tableText(stack)).not.toContain(token);
    const names = [...(await secrets(stack))].filter(([, value]) => value.includes(token)).map(([name]) => name);
    expect(names).toHaveLength(1);
    expect(names[0]).toMatch(new RegExp(`^local/${stack.info.tenantId}/mailchimp/con_`));
  });

  it('keeps tickets, states, codes and hook secrets nowhere', async () => {
    const table = await tableText(stack);
    for (const secret of [usedTicket, openTicket, ...states, code]) {
      expect(secret).not.toBe('');
      expect(holding(secret)).toEqual([]);
      expect(stack.output()).not.toContain(secret);
      expect(table).not.toContain(secret);
      expect(tableMeanwhile).not.toContain(secret);
    }
    expect(tableMeanwhile).toContain('OAUTHSTATE#');
    // The vendor's own folder has the hook's URL, as the vendor must.
    expect(holding(hookSecret, filesBut('secrets', 'simulator'))).toEqual([]);
    expect(table).not.toContain(hookSecret);
    expect(stack.output()).not.toContain(hookSecret);
  });

  it('keeps the client secret in the secrets folder and the API key out of the table and the logs', async () => {
    expect(holding(CLIENT_SECRET, filesBut('secrets', 'functions'))).toEqual([]);
    expect(stack.output()).not.toContain(CLIENT_SECRET);
    expect(holding(stack.info.apiKey, filesBut('secrets')).filter((path) => path !== 'stack.json')).toEqual([]);
    expect(await tableText(stack)).not.toContain(stack.info.apiKey);
  });

  it('writes no address, no secret and no credential into the logs', () => {
    const logs = filesBut().filter(({ path }) => path.startsWith('logs/'));
    expect(logs.length).toBeGreaterThan(1);
    const text = logs.map(({ bytes }) => bytes.toString('utf8')).join('\n');
    expect(text).toContain('campaign.sent');
    expect(text.match(/[\w.+-]+(@|%40)[\w-]+\.[\w.]+/g) ?? []).toEqual([]);
    expect(text).not.toMatch(/private\.(person|second|third|fourth|fifth)/);
    for (const secret of [token, usedTicket, hookSecret, CLIENT_SECRET, stack.info.apiKey, ...states, code])
      expect(text).not.toContain(secret);
    expect(stack.output()).not.toMatch(/[\w.+-]+@readers\.test/);
  });

  it('answers nothing with the token in it', async () => {
    const { demo } = stack;
    const answers = await Promise.all([
      demo.raw('/v1/integrations'),
      demo.raw('/v1/integrations/mailchimp'),
      demo.raw('/v1/integrations/mailchimp/webhooks'),
      demo.raw('/v1/settings'),
      demo.raw('/v1/syncs'),
      demo.raw('/v1/campaigns'),
      demo.raw('/v1/api-keys'),
    ]);
    for (const { status, text } of answers) {
      expect(status).toBe(200);
      for (const secret of [token, hookSecret, 'mcsig_', stack.info.apiKey]) expect(text).not.toContain(secret);
    }
  });

  it('erases a person who came in by every way, under both addresses, and keeps no trace of either', async () => {
    const ready = await readyTenant(stack, 'forgetful', {});
    const { client, listId, accountId } = ready;
    const everybody = { body: { emails: ['Wanda.Unmissable@Example.test', 'wanda.elsewhere@example.test'] } };
    const [old, current] = ['Wanda.Unmissable@Example.test', 'wanda.elsewhere@example.test'];
    const note = 'Wanda Unmissable phoned';
    // By sync, with a reason in her own words; by webhook; by hand under a key; by a change of her address.
    await stack.vendor.member(listId, old, 'unsubscribed');
    await sync(client, 'suppressions');
    const [hook] = await stack.vendor.hooks(accountId);
    const tell = async (type: string, data: Record<string, string>) => {
      const body = encode(type, { list_id: listId, ...data });
      expect((await post(hook?.url ?? '', body, sign(signingSecretOf(stack, hook?.id ?? ''), body))).status).toBe(200);
    };
    await tell('unsubscribe', { email: old, reason: `${note}: it is too much` });
    const keyed = { body: { email: old, reason: note }, headers: { 'idempotency-key': `stop-${old}` } };
    const first = await client.call('addSuppression', keyed);
    const file = [old, current].map((email) => `${email},${note}`).join('\n');
    await client.call('importSuppressions', { body: `email,note\n${file}` });
    await tell('upemail', { old_email: old, new_email: current });
    await stack.vendor.member(listId, current);
    await client.call('checkSuppressions', everybody);
    await client.call('getSuppression', { params: { email: old } });
    const { aliases } = await client.call('exportContact', { params: { email: old } });
    expect(aliases).toMatchObject([{ email: current }]);
    // A lift whose reason names her, after which she leaves again; and a delivery that nobody can read.
    await client.call('liftSuppression', { params: { email: current }, body: { reason: `${note}, from ${current}` } });
    await tell('unsubscribe', { email: old, reason: `${note} once more` });
    const odd = encode('unsubscribe', { list_id: listId, [`e-mail of ${old}`]: note });
    expect((await post(hook?.url ?? '', odd, sign(signingSecretOf(stack, hook?.id ?? ''), odd))).status).toBe(200);
    expect((await client.call('listQuarantine', {})).items).toHaveLength(1);
    const tested = await create(ready, 'draft');
    await client.call('testCampaign', { params: { id: tested.id }, body: { emails: ['wanda.elsewhere+test@example.test'] } });
    const refused = { params: { id: tested.id }, body: { emails: [old] } };
    expect(await client.problem('testCampaign', refused)).toMatchObject({ code: 'recipient_suppressed' });
    expect((await findTraces(stack, ['wanda'])).found).toEqual(expect.arrayContaining(['wanda in the table']));

    const erasure = await client.call('eraseContact', { params: { email: old }, query: { aliases: 'include' } });
    expect(erasure).toMatchObject({
      erased: true,
      here: { addressesForgotten: 2, aliases: 1, aliasesErased: 1 },
      remaining: null,
    });
    expect(erasure.vendor).toContainEqual({
      audienceId: ready.audienceId,
      name: 'forgetful readers',
      outcome: 'erased',
      code: null,
    });
    const trail = await client.call('listAudit', { query: { email: old, action: 'contact.erased' } });
    expect(trail.items[0]).toMatchObject({ outcome: 'success', after: { erased: true, [ready.audienceId]: 'erased' } });

    // What comes late: a straggling delivery, a sync, a repetition under the same key, an opt-out of any spelling.
    await tell('unsubscribe', { email: old.toUpperCase(), reason: `${note} again` });
    await tell('upemail', { old_email: old, new_email: current });
    await sync(client, 'suppressions');
    expect(await client.call('addSuppression', keyed)).toEqual(first);
    await client.call('addSuppression', { body: { email: current.toUpperCase(), reason: note } });
    const spellings = [old, current].flatMap((email) => [email, email.toLowerCase(), email.toUpperCase(), ` ${email} `]);
    for (const csv of [file, file.toLowerCase(), file.toUpperCase()]) {
      const { lines } = await client.call('importSuppressions', { body: `email,note\n${csv}` });
      expect(lines.map(({ email, outcome }) => [email, outcome])).toEqual([
        [null, 'erased'],
        [null, 'erased'],
      ]);
    }
    const { suppressed } = await client.call('checkSuppressions', { body: { emails: spellings } });
    expect(suppressed.map(({ email }) => email)).toEqual(spellings);

    const { searched, found } = await findTraces(stack, [old, current, note, 'wanda', 'unmissable']);
    expect(found).toEqual([]);
    for (const folder of ['logs/', 'sqs/', 'simulator/'])
      expect([folder, searched.some((path) => path.startsWith(folder))]).toEqual([folder, true]);
  });
});
