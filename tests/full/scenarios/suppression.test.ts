import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import * as z from 'zod';
import { audienceOf, connectFully, readyTenant, sync, type Ready } from '../../e2e/connect.ts';
import type { Stack } from '../../e2e/open-stack.ts';
import { until } from '../../e2e/wait.ts';
import { openQuietStack } from './open-quiet-stack.ts';
import { isSuppressed, leftAtVendor, suppressedHere } from './who-left.ts';

const MINUTE_MS = 60_000;
const member = z.object({ status: z.string(), last_changed: z.string() });
const abuse = z.object({ abuse_reports: z.array(z.object({ email_address: z.string(), campaign_id: z.string() })) });

/** Thousands of rows take their time on a machine that does other things as well. */
jest.setTimeout(300_000);

describe('whoever left', () => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await openQuietStack();
  });
  afterAll(() => stack.close());

  /** An account with one list, not yet connected. */
  const prepared = async (slug: string, members: Readonly<Record<string, unknown>>) => {
    const client = await stack.tenant(slug, '--owner', `owner@${slug}.test`);
    const { id: accountId } = await stack.vendor.account(slug);
    return { client, accountId, listId: await stack.vendor.list(accountId, `${slug} readers`, members) };
  };
  const pagesOf = async ({ accountId, listId }: Pick<Ready, 'accountId' | 'listId'>) =>
    (await stack.vendor.calls(accountId))
      .filter(({ path }) => path === `/3.0/lists/${listId}/members`)
      .map(({ status, query }) => ({ status, query: new URLSearchParams(query) }));
  const truth = async ({ accountId, listId }: Pick<Ready, 'accountId' | 'listId'>) =>
    new Set(await leftAtVendor(stack.vendor, accountId, listId));
  const one = ({ client }: Ready, email: string) => client.call('getSuppression', { params: { email } });
  const heard = (ready: Ready, email: string) =>
    until(`the news of ${email}`, async () => ((await isSuppressed(ready.client, email)) ? one(ready, email) : undefined));
  /** How the deliveries of the only hook went. */
  const deliveries = async ({ accountId }: Ready) => {
    const [hook] = await stack.vendor.hooks(accountId);
    const attempts = await stack.vendor.attempts(hook?.id ?? '');
    return attempts.map(({ type, outcome, body }) => ({ type, outcome, form: new URLSearchParams(body) }));
  };
  const atVendor = ({ accountId, listId }: Ready, email: string) =>
    stack.vendor.askAsOwner(accountId, 'GET', `/lists/${listId}/members/${encodeURIComponent(email)}`);

  it('suppression-baseline-2500-rows: every row of a long list is here after the first connect', async () => {
    const made = await prepared('baseline', { subscribed: 30, unsubscribed: 2_500, cleaned: 130 });
    await connectFully(made.client, made.accountId);
    const here = await suppressedHere(made.client);
    expect(here).toHaveLength(2_630);
    const pages = await pagesOf(made);
    expect(pages.filter(({ status }) => status !== 200)).toEqual([]);
    for (const { query } of pages) expect(Number(query.get('count'))).toBeLessThanOrEqual(1_000);
    expect(new Set(here)).toEqual(await truth(made));
  });

  it('suppression-window-overlap: what becomes visible late, and in the very second that was read last, is not lost', async () => {
    const ready = await readyTenant(stack, 'overlap', { subscribed: 4 });
    const at = (ms: number): string => new Date(ms).toISOString();
    const newest = Math.floor(((await stack.now()) - 30 * MINUTE_MS) / 1000) * 1000;
    await stack.vendor.member(ready.listId, 'newest@overlap.test', 'unsubscribed', at(newest));
    expect(await sync(ready.client, 'suppressions')).toMatchObject({ state: 'succeeded', counts: { changed: 1 } });
    // Silent, so that no hook tells of them.
    await stack.vendor.member(ready.listId, 'same-second@overlap.test', 'unsubscribed', at(newest));
    await stack.vendor.member(ready.listId, 'visible-late@overlap.test', 'cleaned', at(newest - 4 * MINUTE_MS));
    await stack.vendor.member(ready.listId, 'late-too@overlap.test', 'unsubscribed', at(newest - 4 * MINUTE_MS));
    await stack.vendor.tell('DELETE', '/calls');
    expect(await sync(ready.client, 'suppressions')).toMatchObject({ state: 'succeeded', errors: [] });
    const since = (await pagesOf(ready)).flatMap(({ query }) => query.get('since_last_changed') ?? []);
    expect(since.length).toBeGreaterThan(0);
    for (const bound of since) expect(Date.parse(bound)).toBeLessThanOrEqual(newest - 5 * MINUTE_MS);
    expect(new Set(await suppressedHere(ready.client))).toEqual(await truth(ready));
  });

  it('suppression-row-changed-while-paging: rows that leave a page that was read, or move behind the end, shift nobody out', async () => {
    const made = await prepared('shifted', { subscribed: 10, unsubscribed: 2_600 });
    const path = `/lists/${made.listId}/members`;
    const rows = await leftAtVendor(stack.vendor, made.accountId, made.listId, ['unsubscribed']);
    const change = (emails: readonly string[], status: string) => ({
      method: 'POST',
      path,
      body: { members: emails.map((email) => ({ email, status })) },
    });
    // Between two answers some rows of each end go to the other state, and others move behind the newest.
    const gone = [...rows.slice(0, 3), ...rows.slice(-3)];
    const moved = [...rows.slice(3, 6), ...rows.slice(-6, -3), ...rows.slice(1_300, 1_303)];
    const fault = { method: 'GET', path: `/3.0${path}`, query: 'status=unsubscribed', kind: 'meanwhile' };
    await stack.vendor.fault(made.accountId, { ...fault, then: [change(gone, 'cleaned')] });
    await stack.vendor.fault(made.accountId, { ...fault, skip: 1, then: [change(moved, 'unsubscribed')] });
    await connectFully(made.client, made.accountId);
    expect(await stack.vendor.hits(`/3.0${path}`)).toBe(2);
    await stack.vendor.tell('DELETE', '/faults');
    expect(await sync(made.client, 'suppressions')).toMatchObject({ state: 'succeeded', errors: [] });
    const counts = z.object({ unsubscribed: z.number(), cleaned: z.number() });
    expect(await stack.vendor.control(counts, 'GET', `/lists/${made.listId}`)).toEqual({ unsubscribed: 2_594, cleaned: 6 });
    const here = await suppressedHere(made.client);
    expect(here).toHaveLength(2_600);
    expect(new Set(here)).toEqual(await truth(made));
  });

  it('complaint-propagates: it is told at once, read again with the abuse reports, and never lifted', async () => {
    const ready = await readyTenant(stack, 'angry', { subscribed: 4 });
    const [told, silent] = ['told@angry.test', 'silent@angry.test'];
    for (const email of [told, silent]) await stack.vendor.member(ready.listId, email);
    await stack.vendor.act(ready.listId, told, 'complain');
    expect(await heard(ready, told)).toMatchObject({ reason: 'complaint', sources: [{ via: 'webhook', vendorReason: 'abuse' }] });
    expect((await deliveries(ready)).map(({ type, outcome }) => [type, outcome])).toEqual([['unsubscribe', '200']]);
    const [hook] = await stack.vendor.hooks(ready.accountId);
    await stack.vendor.tell('POST', `/hooks/${hook?.id}/disable`);
    await stack.vendor.act(ready.listId, silent, 'complain');
    expect(await sync(ready.client, 'suppressions')).toMatchObject({ state: 'succeeded' });
    expect(await one(ready, silent)).toMatchObject({ reason: 'complaint' });
    for (const email of [told, silent])
      expect(await ready.client.problem('liftSuppression', { params: { email }, body: { reason: 'please' } })).toMatchObject({
        status: 409,
        code: 'complaint_stays',
      });
    const reports = await stack.vendor.read(ready.accountId, `/lists/${ready.listId}/abuse-reports?count=10`, abuse);
    expect(reports.abuse_reports.map(({ email_address }) => email_address)).toEqual([told, silent]);
  });

  it('cleaned-propagates: a hard bounce suppresses, by hook and by sync', async () => {
    const ready = await readyTenant(stack, 'bounced', { subscribed: 4 });
    for (const name of ['hard', 'soft', 'unheard']) await stack.vendor.member(ready.listId, `${name}@bounced.test`);
    await stack.vendor.act(ready.listId, 'soft@bounced.test', 'bounce', { kind: 'soft' });
    await stack.vendor.act(ready.listId, 'hard@bounced.test', 'bounce', { kind: 'hard' });
    expect(await heard(ready, 'hard@bounced.test')).toMatchObject({ reason: 'bounce', sources: [{ via: 'webhook' }] });
    expect((await deliveries(ready)).map(({ type, outcome, form }) => [type, outcome, form.get('data[reason]')])).toEqual([
      ['cleaned', '200', 'hard'],
    ]);
    await stack.vendor.member(ready.listId, 'unheard@bounced.test', 'cleaned');
    await sync(ready.client, 'suppressions');
    expect(await one(ready, 'unheard@bounced.test')).toMatchObject({ reason: 'bounce' });
    expect(new Set(await suppressedHere(ready.client))).toEqual(await truth(ready));
    expect(await isSuppressed(ready.client, 'soft@bounced.test')).toBe(false);
  });

  it('permanent-delete-propagates: erased here is erased there, and of whom the owner erases there no address is told: whoever was suppressed stays so, and nobody else becomes so', async () => {
    const ready = await readyTenant(stack, 'erased', { subscribed: 4 });
    const [byUs, byOwner, known] = ['by-us@erased.test', 'by-owner@erased.test', 'known@erased.test'];
    for (const email of [byUs, byOwner, known]) await stack.vendor.member(ready.listId, email);
    expect(await ready.client.call('eraseContact', { params: { email: byUs } })).toMatchObject({
      erased: true,
      vendor: [{ outcome: 'erased' }],
    });
    await stack.vendor.act(ready.listId, known, 'unsubscribe');
    await heard(ready, known);
    await stack.vendor.act(ready.listId, byOwner, 'forget');
    await stack.vendor.act(ready.listId, known, 'forget');
    const told = await until('three deletions', async () => {
      const deletions = (await deliveries(ready)).filter(({ form }) => form.get('data[action]') === 'delete');
      return deletions.length === 3 ? deletions : undefined;
    });
    for (const { outcome, form } of told) {
      expect(outcome).toBe('200');
      expect(form.get('data[email]')).toMatch(/@forgotten\.mailchimp\.com$/);
    }
    expect((await suppressedHere(ready.client)).filter((email) => email.endsWith('forgotten.mailchimp.com'))).toEqual([]);
    const whoIsSuppressed = () => Promise.all([byUs, known, byOwner].map((email) => isSuppressed(ready.client, email)));
    expect(await whoIsSuppressed()).toEqual([true, true, false]);
    for (const email of [byUs, byOwner, known]) {
      expect((await atVendor(ready, email)).status).toBe(404);
      const body = { email_address: email, status: 'pending' };
      const again = await stack.vendor.askAsOwner(ready.accountId, 'POST', `/lists/${ready.listId}/members`, body);
      expect([again.status, again.text.includes('Forgotten Email Not Subscribed')]).toEqual([400, true]);
    }
    expect(await sync(ready.client, 'suppressions')).toMatchObject({ state: 'succeeded', errors: [] });
    expect(await whoIsSuppressed()).toEqual([true, true, false]);
  });

  it('archived-keeps-suppression: out of the vendor’s view is not back on the list', async () => {
    const ready = await readyTenant(stack, 'archived', { subscribed: 4 });
    const email = 'left-first@archived.test';
    await stack.vendor.member(ready.listId, email);
    await stack.vendor.act(ready.listId, email, 'unsubscribe');
    const before = await heard(ready, email);
    await stack.vendor.act(ready.listId, email, 'archive');
    await until('the news of the archiving', async () => ((await deliveries(ready)).length === 2 ? true : undefined));
    expect(await sync(ready.client, 'suppressions')).toMatchObject({ state: 'succeeded', errors: [] });
    const shown = await stack.vendor.read(ready.accountId, `/lists/${ready.listId}/members/${encodeURIComponent(email)}`, member);
    expect(shown.status).toBe('archived');
    expect((await truth(ready)).has(email)).toBe(false);
    expect(await one(ready, email)).toMatchObject({ reason: before.reason, since: before.since });
    const body = { email_address: email, status: 'subscribed' };
    const again = await stack.vendor.askAsOwner(ready.accountId, 'POST', `/lists/${ready.listId}/members`, body);
    expect([again.status, again.text.includes('Member In Compliance State')]).toEqual([400, true]);
    expect(await audienceOf(ready.client, ready.listId)).toBe(ready.audienceId);
  });
});
