import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import * as z from 'zod';
import { to, type Address, type Repeatable } from '../../../../src/providers/mailchimp/address.ts';
import { ENDPOINT_NAMES, ENDPOINTS, type Endpoint } from '../../../../src/providers/mailchimp/endpoints.ts';
import { clientOf, problem } from '../../../support/open-mailchimp.ts';
import { readSources } from '../../../support/read-sources.ts';
import { openStub, type Stub, type StubAnswer } from '../../../support/stub-server.ts';

const sources = readSources('src/providers/mailchimp');
const table: [name: string, endpoint: Endpoint][] = ENDPOINT_NAMES.map((name) => [name, ENDPOINTS[name]]);

describe('the table of endpoints', () => {
  const others = sources.filter(({ path }) => !path.endsWith('/endpoints.ts'));
  /** Without comments, which may name what they like. */
  const codeOf = (text: string): string => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '');

  it('is the only place that spells a path or a method of the vendor', () => {
    const spelled = others.flatMap(({ path, text }) =>
      [...codeOf(text).matchAll(/['"`](?:\/\w[^'"`]*|GET|POST|PUT|PATCH|DELETE)['"`]/g)].map(
        ([literal]) => `${path}: ${literal}`,
      ),
    );
    expect(spelled).toEqual([]);
    expect(others.filter(({ text }) => /\baxios\b/.test(codeOf(text))).map(({ path }) => path)).toEqual([
      'src/providers/mailchimp/call-mailchimp.ts',
    ]);
  });

  it.each(table)('has %s called by the one file of its resource', (name, { resource }) => {
    const callers = others.filter(({ text }) => text.includes(`to('${name}'`)).map(({ path }) => path);
    expect(callers).toEqual([`src/providers/mailchimp/mailchimp-${resource}.ts`]);
  });

  it('names no call twice', () => {
    const calls = table.map(([, { method, host, path }]) => `${method} ${host} ${path}`);
    expect(calls).toEqual([...new Set(calls)]);
  });

  it('lets nothing be repeated after any failure that could do something twice', () => {
    const careless = table.filter(([, { method, repeat }]) => repeat === 'safe' && (method === 'POST' || method === 'PATCH'));
    expect(careless).toEqual([]);
    const never = table.filter(([, { repeat }]) => repeat === 'never').map(([name]) => name);
    expect(never).toEqual(['exchangeCode', 'readMetadata', 'readRoot', 'sendCampaign']);
  });
});

describe('an answer', () => {
  it('is read by the one file of its resource', () => {
    const readers = new Map<string, string[]>();
    for (const { path, text } of sources) {
      const [, names = ''] = /import \{([^}]*)\} from '\.\/mailchimp-schemas\.ts'/.exec(text) ?? [];
      for (const name of names.split(',').map((part) => part.trim()))
        if (name !== '') readers.set(name, [...(readers.get(name) ?? []), path]);
    }
    expect(readers.size).toBeGreaterThan(15);
    expect([...readers].filter(([, paths]) => paths.length > 1)).toEqual([]);
  });
});

describe('an address', () => {
  it.each([
    ['../x', '..%2Fx'],
    ['a/b', 'a%2Fb'],
    ['%2e', '%252e'],
    ['%2e%2e', '%252e%252e'],
    ['a?b#c', 'a%3Fb%23c'],
    ['mona+vip@harborlane.test', 'mona%2Bvip%40harborlane.test'],
    ['..\\..', '..%5C..'],
    ['ä😀', '%C3%A4%F0%9F%98%80'],
    ['c3a91f02be', 'c3a91f02be'],
  ])('holds the id %s as one segment', (id, encoded) => {
    expect(to('readList', { list_id: id }).path).toBe(`/lists/${encoded}`);
    expect(to('readMember', { list_id: 'l1', subscriber_hash: id }).path).toBe(`/lists/l1/members/${encoded}`);
  });

  it.each(['', '.', '..'])('is refused for the id "%s", which cannot be encoded', (id) => {
    expect(() => to('deleteHook', { list_id: 'l1', webhook_id: id })).toThrow(
      expect.objectContaining({ code: 'vendor_rejected' }),
    );
  });

  it('leads where its endpoint is, whatever the ids', () => {
    const id = fc.string({ minLength: 1 }).filter((text) => !/^\.{1,2}$/.test(text));
    fc.assert(
      fc.property(id, id, (list, hook) => {
        const { path } = to('deleteHook', { list_id: list, webhook_id: hook });
        const { pathname, search, hash } = new URL(path, 'https://us7.api.mailchimp.com');
        const [empty, lists, listId = '', webhooks, hookId = '', ...rest] = pathname.split('/');
        expect([empty, lists, webhooks, rest, search, hash]).toEqual(['', 'lists', 'webhooks', [], '', '']);
        expect([listId, hookId].map(decodeURIComponent)).toEqual([list, hook]);
      }),
    );
  });

  it('does not compile with an id too few or too many', () => {
    const wrong = [
      // @ts-expect-error the list is missing
      () => to('readList'),
      // @ts-expect-error the list is missing
      () => to('readList', {}),
      // @ts-expect-error the person is missing
      () => to('readMember', { list_id: 'l1' }),
      // @ts-expect-error there is no such id in the path
      () => to('readList', { list_id: 'l1', webhook_id: 'w1' }),
      // @ts-expect-error there is no id in the path
      () => to('ping', { list_id: 'l1' }),
      // @ts-expect-error there is no such endpoint
      () => to('readEverything'),
    ];
    expect(wrong).toHaveLength(6);
  });

  it('of what is never repeated does not compile where the client repeats, nor the other way round', async () => {
    const stub = await openStub();
    const client = clientOf(stub);
    const send = to('sendCampaign', { campaign_id: 'c1' });
    // @ts-expect-error a send is never repeated
    const repeat = () => client.command(send);
    // @ts-expect-error a read may be
    const once = () => client.once(to('ping'));
    await stub.close();
    expect([repeat, once]).toHaveLength(2);
  });
});

describe('a call that fails', () => {
  let stub: Stub;
  beforeEach(async () => {
    stub = await openStub();
    // Without chance the jitter is zero, and nobody waits.
    jest.spyOn(Math, 'random').mockReturnValue(0);
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await stub.close();
  });

  const isRepeatable = (name: keyof typeof ENDPOINTS): name is Repeatable => ENDPOINTS[name].repeat !== 'never';
  const repeatable = ENDPOINT_NAMES.filter(isRepeatable);
  const ids = { list_id: 'l1', subscriber_hash: 'm1', webhook_id: 'w1', campaign_id: 'c1' };
  const addressOf = (endpoint: Repeatable): Address<Repeatable> => ({
    endpoint,
    path: ENDPOINTS[endpoint].path.replace(
      /\{(\w+)\}/g,
      (_, id: string) => Object.entries(ids).find(([name]) => name === id)?.[1] ?? '',
    ),
  });
  const callsAfter = async (endpoint: Repeatable, answer: StubAnswer): Promise<number> => {
    stub.requests.length = 0;
    const answers = [answer];
    stub.answer = () => answers.shift() ?? { status: 200, json: {} };
    await clientOf(stub)
      .request(z.unknown(), addressOf(endpoint))
      .catch(() => undefined);
    return stub.requests.length;
  };

  it.each(repeatable)('is repeated as the table says: %s', async (endpoint) => {
    const isSafe = ENDPOINTS[endpoint].repeat === 'safe';
    expect(await callsAfter(endpoint, problem(500, 'Internal Server Error'))).toBe(isSafe ? 2 : 1);
    expect(await callsAfter(endpoint, 'cut')).toBe(isSafe ? 2 : 1);
    expect(await callsAfter(endpoint, { status: 429 })).toBe(isSafe ? 2 : 1);
    expect(await callsAfter(endpoint, problem(429, 'Too Many Requests'))).toBe(2);
    expect(stub.requests[0]).toMatchObject({ method: ENDPOINTS[endpoint].method });
  });
});
