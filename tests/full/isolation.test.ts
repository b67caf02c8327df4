import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { runAll } from '../../src/core/shared/run-all.ts';
import type { Input } from '../e2e/client.ts';
import { decide, locationOf, returnUrlOf } from '../e2e/connect.ts';
import { fullTenant, usedKey, type FullTenant } from '../e2e/full-tenant.ts';
import { http, type Reply } from '../e2e/http.ts';
import { openStack, type Stack } from '../e2e/open-stack.ts';
import { AT_ONCE, readEverything, tenantRoutes, type Everything } from '../e2e/read-everything.ts';
import { fieldsOf, type Field } from '../e2e/request-fields.ts';
import { inputFor } from '../e2e/valid-input.ts';

const FOREIGN = new Set(['id', 'email', 'cursor', 'session', 'filter']);
const slots = tenantRoutes.flatMap(({ id, route }) =>
  fieldsOf(id, route)
    .filter(({ kind }) => FOREIGN.has(kind))
    .map((field) => ({ id, route, field })),
);
const slotsOf = (kind: Field['kind']) => slots.filter(({ field }) => field.kind === kind);
const addressOf = (who: string, index: number): string => `${who}.${index}@readers.test`;

describe('a tenant and the things of another', () => {
  let stack: Stack;
  let owner: FullTenant;
  let stranger: FullTenant;
  let before: Everything;
  /** What no answer to the stranger may hold. */
  let secretsOfOwner: string[];

  beforeAll(async () => {
    stack = await openStack();
    await stack.vendor.settings({ deliveryMs: 0 });
    [owner, stranger] = await Promise.all([fullTenant(stack, 'zephyrine'), fullTenant(stack, 'boreal')]);
    // For each field that takes an address, one person whom the owner knows and nobody else.
    for (const index of slotsOf('email').keys())
      await owner.client.call('addSuppression', { body: { email: addressOf('known', index) } });
    before = await readEverything(owner.client, owner);
    // Shorter ones may be part of anything.
    const ids = before.ids.filter((id) => id.length >= 8);
    secretsOfOwner = [owner.word, ...ids, ...before.emails, ...before.cursors, ...owner.secrets];
  });
  afterAll(() => stack.close());

  /** What an answer tells of the owner, apart from what was asked. */
  function leaksIn(reply: Reply, asked = ''): string[] {
    const heard = `${JSON.stringify([...reply.headers])}\n${reply.text}`.toLowerCase();
    const told = [asked, encodeURIComponent(asked)]
      .filter((text) => text !== '')
      .reduce((text, own) => text.replaceAll(own.toLowerCase(), ''), heard);
    return secretsOfOwner.filter((secret) => told.includes(secret.toLowerCase()));
  }
  /** One request of the stranger: its status and code, and what it tells of the owner. */
  async function tryAs(id: (typeof tenantRoutes)[number]['id'], input: Input, asked?: string) {
    const headers = { ...input.headers, 'x-tenant-id': owner.client.tenantId, 'x-ilx-tenant': owner.client.tenantId };
    const reply = await stranger.client.reply(id, { ...input, headers });
    const code = /"code":"(\w+)"/.exec(reply.text)?.[1] ?? '';
    return { reply, code, leaks: leaksIn(reply, asked) };
  }

  it('is tried with one of everything', () => {
    const found = before.ids.map((id) => /^[a-z]+_(?:[a-z]+(?=-))?/.exec(id)?.[0] ?? 'of the vendor');
    expect([...new Set(found)].sort()).toEqual([
      'aud_',
      'aut_',
      'cmp_',
      'con_',
      'evt_',
      'hook_',
      'key_',
      'of the vendor',
      'sync_audiences',
      'sync_automations',
      'sync_metrics',
      'sync_suppressions',
      'ten_',
      'tpl_',
    ]);
    // Audiences, templates, automations, campaigns, keys, suppressions and runs are more than one each.
    expect(before.cursors.length).toBeGreaterThanOrEqual(7);
    expect(before.emails).toEqual(
      expect.arrayContaining(['leaver@zephyrine.test', 'unsubscribed@zephyrine.test', addressOf('known', 0)]),
    );
    for (const [request, { status, text }] of before.replies)
      expect([request, status === 200 || /"code":"not_found"/.test(text)]).toEqual([request, true]);
  });

  it('reads nothing of the other, whatever it reads', async () => {
    const { replies } = await readEverything(stranger.client, stranger);
    expect(replies.size).toBeGreaterThan(30);
    const leaks = [...replies].map(([request, reply]) => [request, leaksIn(reply)]).filter(([, found]) => found?.length !== 0);
    expect(leaks).toEqual([]);
  });

  it('finds no id of the other, in any field of any route', async () => {
    const attempts = slotsOf('id').flatMap((slot) => before.ids.map((value) => ({ ...slot, value })));
    const wrong = await runAll(attempts, AT_ONCE, async ({ id, route, field, value }) => {
      const { input, isValid } = inputFor(id, route, stranger, { field, value });
      const { reply, code, leaks } = await tryAs(id, input, value);
      // An id of another kind is a wrong input, but in a path it is just a path to nothing.
      const wanted = isValid || field.place === 'params' ? [404] : [400];
      const isRight = wanted.includes(reply.status) && code !== 'route_not_found' && leaks.length === 0;
      return isRight ? [] : [`${id} with ${field.name} ${value}: ${reply.status} ${code}, telling ${leaks.join()}`];
    });
    expect(wrong.flat()).toEqual([]);
    expect(attempts.length).toBeGreaterThan(400);
  });

  it('finds nothing by a filter that names a thing of the other', async () => {
    const attempts = slotsOf('filter').flatMap((slot) => before.ids.map((value) => ({ ...slot, value })));
    const wrong = await runAll(attempts, AT_ONCE, async ({ id, route, field, value }) => {
      const { reply, leaks } = await tryAs(id, inputFor(id, route, stranger, { field, value }).input, value);
      return reply.status === 200 && reply.text.startsWith('{"items":[],') && leaks.length === 0 ? [] : [`${id} with ${value}`];
    });
    expect(wrong.flat()).toEqual([]);
    expect(attempts.length).toBeGreaterThan(20);
  });

  it('is let into no list by a cursor of the other', async () => {
    const attempts = slotsOf('cursor').flatMap((slot) => before.cursors.map((value) => ({ ...slot, value })));
    for (const { id, route, field, value } of attempts) {
      const { reply, code, leaks } = await tryAs(id, inputFor(id, route, stranger, { field, value }).input, value);
      expect([id, value, reply.status, code, leaks]).toEqual([id, value, 400, 'invalid_cursor', []]);
    }
  });

  it('completes no consent of the other, by half or whole', async () => {
    const mixed = slotsOf('session').map(({ id, route, field }) => ({
      id,
      input: inputFor(id, route, stranger, { field, value: owner.session[field.name] ?? '' }).input,
    }));
    const whole = slotsOf('session').map(({ id, route }) => ({ id, input: inputFor(id, route, owner).input }));
    for (const { id, input } of [...mixed, ...whole]) {
      const { reply, code, leaks } = await tryAs(id, input);
      expect([id, reply.status, code, leaks]).toEqual([id, 400, 'invalid_oauth_session', []]);
    }
  });

  it('hears the same of a person the other knows as of one whom nobody knows', async () => {
    for (const [index, { id, route, field }] of slotsOf('email').entries()) {
      const [known, unknown] = [addressOf('known', index), addressOf('unknown', index)];
      const hear = async (value: string) => {
        const { reply, leaks } = await tryAs(id, inputFor(id, route, stranger, { field, value }).input, value);
        const text = reply.text.replaceAll(value, '{email}').replaceAll(encodeURIComponent(value), '{email}');
        // The hash is keyed by the stranger's own tenant: it follows from what was asked, and is another one for each address.
        const varying = /\d{4}-\d\d-\d\dT[\d:.]+Z|"instance":"[^"]+"|"addressHash":"[0-9a-f]{64}"/g;
        return { status: reply.status, text: text.replace(varying, '{…}'), leaks };
      };
      expect([id, await hear(known)]).toEqual([id, { ...(await hear(unknown)), leaks: [] }]);
    }
    // Otherwise an address of these stays in what the stranger is told, because it gave it.
    await stranger.client.call('putSettings', { body: { senderEmail: null } });
  });

  it('is one tenant whatever the request says', async () => {
    for (const { id, route } of tenantRoutes) {
      const { input } = inputFor(id, route, stranger);
      const named = [{ ...input, query: { ...input.query, tenantId: owner.client.tenantId } }];
      // A body that is a text has no place for a tenant.
      const body = route.body && !route.bodyType ? z.looseObject({}).parse(input.body ?? {}) : undefined;
      const bodied = body ? [{ ...input, body: { ...body, tenantId: owner.client.tenantId } }] : [];
      for (const attempt of [...named, ...bodied]) {
        const { reply, code, leaks } = await tryAs(id, attempt, owner.client.tenantId);
        expect([id, reply.status, code, leaks]).toEqual([id, 400, 'invalid_input', []]);
      }
    }
  });

  it('cannot have its own account taken for the consent of the other', async () => {
    const begun = await owner.client.call('connect', { body: { returnUrl: returnUrlOf(owner.client) } });
    const own = await stranger.client.call('connect', { body: { returnUrl: returnUrlOf(stranger.client) } });
    const callback = await decide(own.authorizeUrl, 'approve', stranger.accountId);
    callback.searchParams.set('state', begun.state);
    const back = locationOf(await http(callback.href)).searchParams;
    for (const state of [begun.state, own.state]) {
      const { reply, code, leaks } = await tryAs('complete', { body: { state, ticket: back.get('ticket') ?? '' } });
      expect([reply.status, code, leaks]).toEqual([400, 'invalid_oauth_session', []]);
    }
  });

  it('has webhooks that answer to no secret of the other', async () => {
    for (const [mine, theirs] of [
      [stranger, owner],
      [owner, stranger],
    ] as const) {
      for (const [url, foreign] of mine.hookUrls.flatMap((own) =>
        theirs.hookUrls.map((other) => [new URL(own), new URL(other)] as const),
      )) {
        const secret = url.searchParams.get('secret') ?? '';
        foreign.searchParams.set('secret', secret);
        for (const method of ['GET', 'HEAD', 'POST']) {
          const reply = await http(foreign.href, { method, ...(method === 'POST' && { body: 'type=unsubscribe' }) });
          expect([method, reply.status, reply.text]).toEqual([method, 404, '']);
        }
      }
    }
  });

  it('uses every route, and every key the other has used, without meeting the other', async () => {
    const last = ['disconnect', 'revokeApiKey', 'deleteCampaign'];
    const writes = tenantRoutes.filter(({ route }) => route.method !== 'GET');
    const ordered = [...writes].sort((a, b) => last.indexOf(b.id) - last.indexOf(a.id)).reverse();
    for (const { id, route } of ordered) {
      const headers = route.idempotent ? { 'idempotency-key': usedKey(owner.word, id) } : {};
      const { reply, code, leaks } = await tryAs(
        id,
        { ...inputFor(id, route, stranger).input, headers },
        usedKey(owner.word, id),
      );
      const isHeard = reply.status < 500 && !['invalid_input', 'unauthorized', 'forbidden', 'rate_limited'].includes(code);
      const isReplay = reply.headers.has('idempotent-replay') || code.startsWith('idempotency_key');
      expect([id, code, isHeard, isReplay, leaks]).toEqual([id, code, true, false, []]);
    }
  });

  it('has changed nothing of the other', async () => {
    const after = await readEverything(owner.client, owner);
    // What reading itself moves, and the number of the request.
    const still = ({ replies }: Everything) =>
      [...replies]
        // The trail grows by what the owner itself exports while it reads.
        .filter(([request]) => !request.startsWith('listAudit'))
        .map(([request, { text }]) => [
          request,
          text.replace(/^\{"asOf":"[^"]+"|"(lastUsedAt|checkedAt|instance)":("[^"]+"|null)/g, ''),
        ])
        .sort();
    expect(still(after)).toEqual(still(before));
    const trail = await owner.client.call('listAudit', { query: { limit: 1000 } });
    // Its own keys, and the operator who made the first one.
    const strangers = trail.items.filter(({ actor }) => !before.ids.includes(actor.id));
    expect(strangers.map(({ action, actor }) => [action, actor.kind])).toEqual([['api_key.created', 'system']]);
  });
});
