import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readyTenant, sync, type Ready } from './connect.ts';
import type { BodyOf } from './client.ts';
import { openStack, type Stack } from './open-stack.ts';
import { tableText } from './table.ts';

const HOUR = 3_600_000;

describe('suppressions', () => {
  let stack: Stack;
  let ready: Ready;

  beforeAll(async () => {
    stack = await openStack();
    ready = await readyTenant(stack, 'quiet', { subscribed: 8, unsubscribed: 5, cleaned: 3 });
  });
  afterAll(() => stack.close());

  const add = (email: string, reason?: string) =>
    ready.client.call('addSuppression', { body: { email, ...(reason !== undefined && { reason }) } });
  const one = (email: string) => ready.client.call('getSuppression', { params: { email } });
  const absent = (email: string) => ready.client.problem('getSuppression', { params: { email } });
  const pages = async (limit: number) => {
    const items: BodyOf<'listSuppressions'>['items'] = [];
    for (let cursor: string | null | undefined; cursor !== null;) {
      const page = await ready.client.call('listSuppressions', { query: { limit, ...(cursor !== undefined && { cursor }) } });
      expect(page.items.length).toBeLessThanOrEqual(limit);
      items.push(...page.items);
      cursor = page.nextCursor;
    }
    return items;
  };

  it('holds everybody who had left before the tenant connected', async () => {
    const items = await pages(1000);
    expect(items.filter(({ reason }) => reason === 'unsubscribe')).toHaveLength(5);
    expect(items.filter(({ reason }) => reason === 'bounce')).toHaveLength(3);
    const found = await one(items[0]?.email ?? '');
    expect(found.sources).toMatchObject([{ platform: 'mailchimp', via: 'sync', audienceId: ready.audienceId }]);
  });

  it('adds by hand, once, whatever the spelling', async () => {
    expect(await add('  Ada.Lovelace@Example.TEST ', 'asked by phone')).toMatchObject({
      email: 'ada.lovelace@example.test',
      reason: 'manual',
    });
    const first = await one('ADA.lovelace@example.test');
    expect(first.sources).toMatchObject([{ platform: null, via: 'manual', vendorReason: 'asked by phone' }]);
    await add('ada.lovelace@example.test');
    expect((await one('ada.lovelace@example.test')).since).toBe(first.since);
    expect((await pages(1000)).filter(({ email }) => email === 'ada.lovelace@example.test')).toHaveLength(1);
    expect(await absent('ada@example.test')).toMatchObject({ status: 404, code: 'not_found' });
    // A domain has one spelling, whatever its alphabet.
    await add('Ädam@BÜCHER.test');
    expect(await one('ädam@xn--bcher-kva.test')).toMatchObject({ email: 'ädam@xn--bcher-kva.test' });
    // A plus part names somebody else.
    await absent('ada.lovelace+x@example.test');
  });

  it('lists the newest first, page by page, each once', async () => {
    for (let index = 0; index < 12; index += 1) await add(`row-${index}@example.test`);
    const all = await pages(1000);
    expect(all.map(({ since }) => since)).toEqual(
      all
        .map(({ since }) => since)
        .sort()
        .reverse(),
    );
    expect(all.slice(0, 12).map(({ email }) => email)).toEqual(
      Array.from({ length: 12 }, (_, index) => `row-${11 - index}@example.test`),
    );
    const paged = await pages(5);
    expect(paged).toEqual(all);
    expect(new Set(paged.map(({ email }) => email)).size).toBe(22);
  });

  it('checks addresses and gives back the suppressed ones as they were given', async () => {
    const emails = ['Row-3@Example.test', 'free@example.test', ' row-4@example.test', 'row-3@example.test'];
    expect(await ready.client.call('checkSuppressions', { body: { emails } })).toEqual({
      checked: 4,
      suppressed: [
        { email: 'Row-3@Example.test', reason: 'manual' },
        { email: ' row-4@example.test', reason: 'manual' },
        { email: 'row-3@example.test', reason: 'manual' },
      ],
    });
    const many = Array.from({ length: 10_000 }, (_, index) => `row-${index}@example.test`);
    const answer = await ready.client.call('checkSuppressions', { body: { emails: many } });
    expect(answer).toMatchObject({ checked: 10_000 });
    expect(answer.suppressed).toHaveLength(12);
    const tooMany = { body: { emails: [...many, 'one@more.test'] } };
    expect(await ready.client.problem('checkSuppressions', tooMany)).toMatchObject({
      status: 400,
      errors: [{ field: 'emails' }],
    });
    expect(await ready.client.call('checkSuppressions', { body: { emails: [] } })).toEqual({ checked: 0, suppressed: [] });
  });

  it('lifts with a reason, in the body or in the query, and not without', async () => {
    const lift = (email: string) => ({ params: { email } });
    expect(await ready.client.problem('liftSuppression', lift('row-5@example.test'))).toMatchObject({
      status: 400,
      errors: [{ field: 'reason' }],
    });
    await one('row-5@example.test');
    await ready.client.call('liftSuppression', { ...lift('Row-5@example.test'), body: { reason: 'asked to come back' } });
    await absent('row-5@example.test');
    await ready.client.call('liftSuppression', { ...lift('row-6@example.test'), query: { reason: 'asked & wants back' } });
    await absent('row-6@example.test');
    expect((await pages(1000)).some(({ email }) => /row-[56]@/.test(email))).toBe(false);
    expect(
      await ready.client.problem('liftSuppression', { ...lift('row-6@example.test'), body: { reason: 'again' } }),
    ).toMatchObject({ status: 404 });
    // Lifted is not immune.
    await add('row-5@example.test');
    await one('row-5@example.test');
  });

  it('never lifts a complaint', async () => {
    await stack.vendor.member(ready.listId, 'furious@example.test');
    await stack.vendor.act(ready.listId, 'furious@example.test', 'complain');
    expect((await sync(ready.client, 'suppressions')).state).toBe('succeeded');
    expect(await one('furious@example.test')).toMatchObject({ reason: 'complaint' });
    const lift = { params: { email: 'furious@example.test' }, body: { reason: 'please' } };
    expect(await ready.client.problem('liftSuppression', lift)).toMatchObject({ status: 409, code: 'complaint_stays' });
    expect(await one('furious@example.test')).toMatchObject({ reason: 'complaint' });
  });

  it('exports all of them as CSV', async () => {
    await add('=cmd@example.test');
    const lines: string[] = [];
    let url: string | undefined = '/v1/suppressions/export';
    while (url !== undefined) {
      const reply = await ready.client.raw(url);
      expect(reply.status).toBe(200);
      expect(reply.headers.get('content-type')).toMatch(/^text\/csv/);
      const [header, ...rows] = reply.text.trimEnd().split('\r\n');
      expect(header).toBe('"email","reason","since","platforms","via","note"');
      lines.push(...rows);
      const next = /<([^>]+)>; rel="?next"?/.exec(reply.headers.get('link') ?? '')?.[1];
      url = next === undefined ? undefined : next.slice(ready.client.apiUrl.length);
    }
    const items = await pages(1000);
    expect(lines).toHaveLength(items.length);
    expect(lines.filter((line) => /(^|,)"?[=+\-@]/.test(line))).toEqual([]);
    expect(lines.some((line) => line.includes('furious@example.test') && line.includes('complaint'))).toBe(true);
  });

  it('exports more than one page', async () => {
    await stack.vendor.list(ready.accountId, 'Long gone', { unsubscribed: 1_050 });
    expect(await sync(ready.client, 'suppressions')).toMatchObject({ state: 'succeeded' });
    const first = await ready.client.raw('/v1/suppressions/export');
    const next = /<([^>]+)>; rel="?next"?/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
    expect(next.startsWith(`${ready.client.apiUrl}/v1/suppressions/export?cursor=`)).toBe(true);
    const second = await ready.client.raw(next.slice(ready.client.apiUrl.length));
    expect(second.headers.get('link')).toBeNull();
    const emails = [first, second].flatMap(({ text }) => text.trimEnd().split('\r\n').slice(1)).map((line) => line.split(',')[0]);
    expect(emails).toHaveLength((await pages(1000)).length);
    expect(new Set(emails).size).toBe(emails.length);
    expect(emails.length).toBeGreaterThan(1_050);
  });

  it('learns by the nightly sync what no webhook told, and by hand', async () => {
    const { vendor } = stack;
    // Silent: no hook hears of these.
    await vendor.member(ready.listId, 'silent@example.test', 'unsubscribed');
    await vendor.member(ready.listId, 'dead@example.test', 'cleaned');
    await absent('silent@example.test');
    const fired = await stack.advance(24 * HOUR);
    expect(fired.filter(({ rule }) => rule === 'sync-suppressions-daily')).toHaveLength(1);
    expect(fired.find(({ rule }) => rule === 'sync-suppressions-daily')?.time).toMatch(/T04:00:00/);
    expect(await one('silent@example.test')).toMatchObject({
      reason: 'unsubscribe',
      sources: [{ via: 'sync', audienceId: ready.audienceId }],
    });
    expect(await one('dead@example.test')).toMatchObject({ reason: 'bounce' });
    await vendor.member(ready.listId, 'silent2@example.test', 'unsubscribed');
    const run = await sync(ready.client, 'suppressions');
    expect(run).toMatchObject({ state: 'succeeded', trigger: 'manual', unit: 'members', errors: [] });
    expect(run.progress.done).toBe(run.progress.total);
    expect(run.counts).toMatchObject({ changed: 1 });
    expect(await one('silent2@example.test')).toMatchObject({ reason: 'unsubscribe' });
    const { record } = await ready.client.call('exportContact', { params: { email: 'silent2@example.test' } });
    expect(record).toMatchObject({
      facts: [{ via: 'sync', webhookAt: null, syncAt: expect.any(String) }],
      untold: [{ audienceId: ready.audienceId, kind: 'unsubscribe', healedAt: expect.any(String), toldAt: null }],
      campaignsCutOff: 0,
    });
  });

  it('a sync adds and never removes', async () => {
    const before = await pages(1000);
    await stack.vendor.act(ready.listId, 'silent@example.test', 'resubscribe');
    await sync(ready.client, 'suppressions');
    expect(await pages(1000)).toEqual(before);
    expect(await one('silent@example.test')).toMatchObject({ reason: 'unsubscribe' });
  });

  it('erases a person at the vendor and here, and never mails them again', async () => {
    const email = 'Forget.Me@Example.test';
    await stack.vendor.member(ready.listId, 'forget.me@example.test');
    await add(email);
    expect(await tableText(stack)).toContain('forget.me@example.test');
    const answer = await ready.client.call('eraseContact', { params: { email } });
    expect(answer).toEqual({
      erased: true,
      here: { suppressed: true, addressesForgotten: 1, textsForgotten: 0, aliases: 0, aliasesErased: 0, aliasesCutOff: false },
      vendor: expect.arrayContaining([{ audienceId: ready.audienceId, name: 'quiet readers', outcome: 'erased', code: null }]),
      remaining: null,
    });
    expect((await tableText(stack)).toLowerCase()).not.toContain('forget.me@example.test');
    expect(await ready.client.call('checkSuppressions', { body: { emails: [email] } })).toMatchObject({
      suppressed: [{ email }],
    });
    await sync(ready.client, 'suppressions');
    expect((await tableText(stack)).toLowerCase()).not.toContain('forget.me@example.test');
    expect((await pages(1000)).some((item) => item.email.includes('forget'))).toBe(false);
    expect((await ready.client.raw('/v1/suppressions/export')).text).not.toContain('forget');
    expect(await ready.client.call('eraseContact', { params: { email } })).toMatchObject({
      erased: true,
      vendor: [{ outcome: 'absent' }, { outcome: 'absent' }],
    });
    // Somebody who was never heard of is kept away as well.
    expect(await ready.client.call('eraseContact', { params: { email: 'unheard@example.test' } })).toMatchObject({
      erased: true,
    });
    expect(
      (await ready.client.call('checkSuppressions', { body: { emails: ['unheard@example.test'] } })).suppressed,
    ).toHaveLength(1);
  });

  it('exports what is held about a person, and that nothing is', async () => {
    const email = 'curious@example.test';
    const exported = () => ready.client.call('exportContact', { params: { email: email.toUpperCase() } });
    expect(await exported()).toMatchObject({ held: false, record: null, aliases: [] });
    await add(email, 'asked by letter');
    await ready.client.call('liftSuppression', { params: { email }, body: { reason: 'came back' } });
    const full = await exported();
    expect(full).toMatchObject({
      held: true,
      record: {
        email,
        suppressed: false,
        erasedAt: null,
        facts: [{ kind: 'manual', text: 'asked by letter' }, { kind: 'lift' }],
      },
      platforms: [{ platform: 'mailchimp', status: 'connected' }],
    });
    expect(full.record?.facts.every(({ actor }) => actor?.startsWith('key_'))).toBe(true);
    expect(full.platforms[0]?.audiences).toContainEqual(expect.objectContaining({ vendorId: ready.listId }));
    // The trail that it points to names the person by the same hash.
    const trail = await ready.client.raw(full.audit[0] ?? '');
    expect(trail.status).toBe(200);
    expect(trail.text).toContain(full.addressHash);
    expect(trail.text).toContain('contact.exported');
    await ready.client.call('eraseContact', { params: { email } });
    const left = await exported();
    expect(left).toMatchObject({ aliasesCutOff: false, erasure: { state: 'complete' }, record: { untold: [], links: {} } });
    expect(left.record).toMatchObject({ email: null, suppressed: true, erasedAt: expect.any(String) });
    expect(left.statements[0]).toMatch(/^The person was erased/);
    expect(JSON.stringify({ ...left, audit: [] })).not.toMatch(/curious|letter|came back/);
  });
});
