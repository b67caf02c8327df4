import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { BodyOf } from './client.ts';
import { readyTenant, type Ready } from './connect.ts';
import { openStack, type Stack } from './open-stack.ts';
import { tableText } from './table.ts';

describe('the list of suppressions in use', () => {
  let stack: Stack;
  let ready: Ready;

  beforeAll(async () => {
    stack = await openStack();
    ready = await readyTenant(stack, 'archive', { subscribed: 2, unsubscribed: 1_040, cleaned: 3 });
    for (let index = 0; index < 7; index += 1)
      await ready.client.call('addSuppression', { body: { email: `row-${index}@example.test` } });
    const params = { email: 'row-6@example.test' };
    await ready.client.call('liftSuppression', { params, body: { reason: 'asked to come back' } });
    await ready.client.call('importSuppressions', { body: 'email,reason\nfurious@example.test,complaint\n' });
  });
  afterAll(() => stack.close());

  const one = (email: string) => ready.client.call('getSuppression', { params: { email } });
  const absent = (email: string) => ready.client.problem('getSuppression', { params: { email } });
  const everybody = async () => {
    const items: BodyOf<'listSuppressions'>['items'] = [];
    for (let cursor: string | null | undefined; cursor !== null;) {
      const page = await ready.client.call('listSuppressions', {
        query: { limit: 1000, ...(cursor !== undefined && { cursor }) },
      });
      items.push(...page.items);
      cursor = page.nextCursor;
    }
    return items;
  };

  it('narrows the list and the export by reason, platform, period and address', async () => {
    const { client } = ready;
    const all = await everybody();
    const listed = async (query: Record<string, string | number>) =>
      (await client.call('listSuppressions', { query: { limit: 1000, ...query } })).items;
    const complaints = all.filter(({ reason }) => reason === 'complaint');
    expect(complaints).toHaveLength(1);
    expect(await listed({ reason: 'complaint' })).toEqual(complaints);
    const byHand = all.filter(({ reason }) => reason === 'manual');
    expect(await listed({ reason: 'manual' })).toEqual(byHand);
    expect(await listed({ reason: 'manual', platform: 'mailchimp' })).toEqual([]);
    expect(await listed({ email: ' ROW-1@Example.test' })).toMatchObject([{ email: 'row-1@example.test' }]);
    expect(await listed({ email: 'row-1@example.test', reason: 'bounce' })).toEqual([]);
    expect(await listed({ email: 'nobody@example.test' })).toEqual([]);
    const since = byHand[0]?.since ?? '';
    expect(await listed({ since, until: since })).toEqual(all.filter((item) => item.since === since));
    expect(await listed({ until: '1999-12-31' })).toEqual([]);
    for (const query of [{ since: '2026-02-30' }, { since: 'yesterday' }, { since: '2026-09-02', until: '2026-09-01' }])
      expect(await client.problem('listSuppressions', { query })).toMatchObject({ code: 'invalid_input' });

    const first = await client.call('listSuppressions', { query: { limit: 2, reason: 'unsubscribe' } });
    const cursor = first.nextCursor ?? '';
    expect((await client.call('listSuppressions', { query: { cursor, reason: 'unsubscribe' } })).items).not.toEqual(first.items);
    for (const query of [{ cursor }, { cursor, reason: 'bounce' }, { cursor, reason: 'unsubscribe', since: '2020-01-01' }])
      expect(await client.problem('listSuppressions', { query })).toMatchObject({ code: 'invalid_cursor' });

    const page = await client.raw('/v1/suppressions/export?reason=unsubscribe&platform=mailchimp');
    const next = /<([^>]+)>; rel="?next"?/.exec(page.headers.get('link') ?? '')?.[1] ?? '';
    expect(new URL(next).searchParams.get('reason')).toBe('unsubscribe');
    const rest = await client.raw(next.slice(client.apiUrl.length));
    const rows = [page, rest].flatMap(({ text }) => text.trimEnd().split('\r\n').slice(1));
    expect(rows).toHaveLength(all.filter(({ reason }) => reason === 'unsubscribe').length);
    expect(rows.every((row) => row.includes('"unsubscribe"') && row.includes('"mailchimp"'))).toBe(true);
  });

  it('explains who is suppressed and who is not', async () => {
    const explain = (email: string) => ready.client.call('explainSuppression', { params: { email } });
    expect(await explain('Nobody@example.test')).toMatchObject({ email: 'nobody@example.test', suppressed: false, events: [] });
    expect(await explain('furious@example.test')).toMatchObject({
      suppressed: true,
      reason: 'complaint',
      lift: { possible: false },
      events: [{ kind: 'complaint', platform: null, via: 'import', counts: true }],
    });
    const lifted = await explain('row-6@example.test');
    expect(lifted).toMatchObject({ suppressed: false, reason: null, lift: { possible: false } });
    expect(lifted.events.map(({ kind, counts }) => [kind, counts])).toEqual([
      ['manual', false],
      ['lift', false],
    ]);
  });

  describe('a file of addresses', () => {
    const take = (csv: string, dryRun = false) =>
      ready.client.call('importSuppressions', { body: csv, ...(dryRun && { query: { dryRun: 'true' } }) });
    const refused = (body: string) => ready.client.problem('importSuppressions', { body });
    const outcomes = ({ lines }: BodyOf<'importSuppressions'>) => lines.map(({ line, outcome }) => `${line} ${outcome}`);

    it('is judged line by line, the same in a dry run, which writes nothing', async () => {
      await ready.client.call('eraseContact', { params: { email: 'gone@example.test' } });
      const csv = [
        '\uFEFFEmail;Reason;since;note',
        'New.One@Example.test;unsubscribe;2020-05-01;"asked; by phone"',
        'new.one@example.test;unsubscribe;2020-05-01;',
        'new.one@example.test;complaint;2021-05-01;',
        'row-1@example.test;;;',
        'GONE@example.TEST;bounce;2020-01-01;',
        'not an address;;;',
        'late@example.test;manual;2999-01-01;',
        'odd@example.test;spite;;',
        '',
        'second@example.test',
      ].join('\r\n');
      const before = await tableText(stack);
      const dry = await take(csv, true);
      const stored = (await tableText(stack)).includes('new.one@example.test');
      expect([before.includes('new.one@example.test'), stored]).toEqual([false, false]);
      expect(outcomes(dry)).toEqual([
        '2 added',
        '3 known',
        '4 added',
        '5 known',
        '6 erased',
        '7 invalid',
        '8 invalid',
        '9 invalid',
        '11 added',
      ]);
      expect(dry.lines[1]?.message).toBe('The same address as line 2. Suppressed already.');
      expect(dry.lines[4]).toMatchObject({ email: null });
      const real = await take(csv);
      expect(real.lines).toEqual(dry.lines);
      expect(real.totals).toEqual({ lines: 9, added: 3, known: 2, erased: 1, invalid: 3, notReached: 0 });
      expect(await one('new.one@example.test')).toMatchObject({
        reason: 'complaint',
        since: '2020-05-01T00:00:00.000Z',
        sources: [{ via: 'import', vendorReason: 'asked; by phone' }, { via: 'import' }],
      });
      expect(await one('second@example.test')).toMatchObject({ reason: 'manual' });
      await absent('odd@example.test');
    });

    it('changes nothing the second time', async () => {
      const csv = 'email,reason\nagain@example.test,bounce\nagain2@example.test,\n';
      expect((await take(csv)).totals).toMatchObject({ added: 2 });
      const before = await one('again@example.test');
      expect((await take(csv)).totals).toMatchObject({ added: 0, known: 2 });
      expect(await one('again@example.test')).toEqual(before);
    });

    it('does not undo a lift that came later than what it says', async () => {
      const answer = await take('email,since\nrow-6@example.test,2020-01-01\n');
      expect(answer.lines).toMatchObject([{ outcome: 'invalid', message: expect.stringContaining('lifted later') }]);
      await absent('row-6@example.test');
    });

    it('may be our own export', async () => {
      const { text } = await ready.client.raw('/v1/suppressions/export');
      const { totals } = await take(text);
      expect(totals).toMatchObject({ added: 0, invalid: 0, erased: 0, known: totals.lines });
      // One page, in which the erased have no row.
      expect([998, 999, 1_000]).toContain(totals.lines);
    });

    it('is refused as a whole when it is none', async () => {
      expect(await refused('name\nMona\n')).toMatchObject({ status: 400, errors: [{ field: 'body' }] });
      expect(await refused('')).toMatchObject({ status: 400 });
      expect(await refused('email\n"open')).toMatchObject({ status: 400, errors: [{ message: expect.stringContaining('CSV') }] });
      expect(await refused(`email\n${'a@b.test\n'.repeat(10_001)}`)).toMatchObject({ status: 400 });
      expect(await refused(`email\n${'a'.repeat(2 * 1024 * 1024)}`)).toMatchObject({ status: 413, code: 'payload_too_large' });
      const json = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"csv":""}' };
      expect((await ready.client.raw('/v1/suppressions/import', json)).status).toBe(415);
    });

    it('is taken down with counts alone', async () => {
      await take('email\nnever.named@example.test\n');
      const [entry] = (await ready.client.call('listAudit', { query: { action: 'suppressions.imported' } })).items;
      expect(entry).toMatchObject({ outcome: 'success', target: null, after: { dryRun: false, lines: 1, added: 1 } });
      expect(JSON.stringify(entry)).not.toContain('never.named');
    });
  });
});
