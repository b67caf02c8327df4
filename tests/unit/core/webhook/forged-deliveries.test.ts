import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { sha256 } from '../../../../src/core/shared/ids.ts';
import { findSuppression } from '../../../../src/core/suppression/suppress.ts';
import type { Hook } from '../../../../src/core/webhook/hook.ts';
import { receiveDelivery } from '../../../../src/core/webhook/receive-delivery.ts';
import { mailchimpWebhook } from '../../../../src/providers/mailchimp/mailchimp-webhook.ts';
import { aHook, TENANT } from '../../../support/factories.ts';
import { fakeHookActivity, fakeHooks } from '../../../support/fake-hooks.ts';
import { fakeLiveCounts } from '../../../support/fake-live-counts.ts';
import { fakeQuarantine } from '../../../support/fake-quarantine.ts';
import { fakeUntold } from '../../../support/fake-untold.ts';
import { fakeHasher, fakeSuppressions } from '../../../support/fake-suppressions.ts';
import { flipBit } from '../../../support/flip-bit.ts';
import { seeded } from '../../../support/seeded.ts';
import { signDelivery } from '../../../support/sign-delivery.ts';
import { testClock } from '../../../support/test-clock.ts';
import { testLog } from '../../../support/test-log.ts';
import { testMetrics } from '../../../support/test-metrics.ts';

const SEED = 20_260_921;
const NEIGHBOUR = 'ten_01J8B0000000000000000000BB';
const OWN: Hook = aHook('own-secret', { signingSecret: 'mcsig_own' });
const OTHER: Hook = aHook('other-secret', {
  tenantId: NEIGHBOUR,
  signingSecret: 'mcsig_other',
  hookId: OWN.hookId.replace(sha256(TENANT).slice(0, 8), sha256(NEIGHBOUR).slice(0, 8)),
});

interface Request {
  secret: string;
  hookId: string | undefined;
  rawBody: Buffer;
  signature: string | undefined;
  receivedAtMs: number;
}

function open() {
  const clock = testClock();
  const hooks = fakeHooks(OWN, OTHER);
  const reads = { hooks: 0 };
  const deps = {
    clock,
    log: testLog(),
    metrics: testMetrics(),
    hooks: {
      ...hooks,
      findBySecretHash: (hash: string) => {
        reads.hooks++;
        return hooks.findBySecretHash(hash);
      },
    },
    hookActivity: fakeHookActivity(clock),
    liveCounts: fakeLiveCounts(),
    quarantine: fakeQuarantine(clock),
    untold: fakeUntold(),
    deploymentId: '0a1b2c3d4e',
    suppressions: fakeSuppressions(),
    hasher: fakeHasher,
    webhookAdapter: mailchimpWebhook,
  };
  return { clock, deps, reads, receive: (request: Request) => receiveDelivery(deps, request) };
}

const hmac = (key: string, text: string | Buffer): string => createHmac('sha256', key).update(text).digest('hex');
const stampOf = (ms: number): number => Math.floor(ms / 1_000);

/** A delivery as the vendor makes it, of a person of its own. */
function bodyOf(index: number, random: () => number): { body: string; email: string; reason: string } {
  const email = `person+${index}@harborlane.test`;
  const kinds = [
    ['unsubscribe', 'manual', 'unsubscribe'],
    ['unsubscribe', 'abuse', 'complaint'],
    ['cleaned', 'hard', 'bounce'],
    ['cleaned', 'abuse', 'complaint'],
  ] as const;
  const [type, said, reason] = kinds[Math.floor(random() * kinds.length)] ?? kinds[0];
  const form = new URLSearchParams({
    type,
    fired_at: '2026-09-21 05:59:00',
    'data[reason]': said,
    'data[list_id]': OWN.audienceVendorId,
    'data[email]': email,
    'data[campaign_id]': '9be04d71aa',
    'data[merges][FNAME]': 'Mona Lisa',
  });
  return { body: form.toString(), email, reason };
}

const between = (random: () => number, from: number, to: number): number => from + Math.floor(random() * (to - from + 1));

type Mutation = (good: Request, body: string, random: () => number) => Partial<Request>;
const reEncodings: readonly ((body: string) => string)[] = [
  (body) => body.replaceAll('%40', '@'),
  (body) => body.replaceAll('+', '%20'),
  (body) => body.replaceAll('%5B', '%5b'),
  (body) => body.split('&').toReversed().join('&'),
  (body) => `${body}&`,
  (body) => body.replace('type', '%74ype'),
  (body) => JSON.stringify(Object.fromEntries(new URLSearchParams(body))),
  (body) => Buffer.from(body).toString('base64'),
  (body) => `\uFEFF${body}`,
];
/** What nobody who lacks the signing key can make right. */
const MUTATIONS: Readonly<Record<string, Mutation>> = {
  'a bit of the body': ({ rawBody }, _body, random) => ({ rawBody: flipBit(rawBody, random) }),
  'a bit of the signature': ({ signature = '' }, _body, random) => {
    const at = signature.indexOf('v1=') + 3;
    const flipped = flipBit(Buffer.from(signature.slice(at), 'hex'), random);
    return { signature: signature.slice(0, at) + flipped.toString('hex') };
  },
  'a character of the header': ({ signature = '' }, _body, random) => ({
    signature: flipBit(Buffer.from(signature), random).toString('latin1'),
  }),
  'another time within the window': ({ signature = '', receivedAtMs }, _body, random) => ({
    signature: signature.replace(/^t=\d+/, `t=${stampOf(receivedAtMs) + (random() < 0.5 ? -1 : 1) * between(random, 1, 299)}`),
  }),
  're-encoded, meaning the same': (_good, body, random) => ({
    rawBody: Buffer.from(reEncodings[Math.floor(random() * reEncodings.length)]?.(body) ?? ''),
  }),
  'a shorter or longer body': ({ rawBody }, _body, random) => ({
    rawBody: random() < 0.5 ? rawBody.subarray(0, -between(random, 1, 20)) : Buffer.concat([rawBody, Buffer.from('\n')]),
  }),
  stale: ({ receivedAtMs }, body, random) => ({
    signature: signDelivery(OWN.signingSecret ?? '', body, receivedAtMs - between(random, 301, 100_000) * 1_000),
  }),
  'from the future': ({ receivedAtMs }, body, random) => ({
    signature: signDelivery(OWN.signingSecret ?? '', body, receivedAtMs + between(random, 301, 100_000) * 1_000),
  }),
  'without the header': () => ({ signature: undefined }),
  'with an empty header': (_good, _body, random) => ({ signature: ['', ' ', ',', 't=,v1=', 'v1='][between(random, 0, 4)] }),
  'with the header twice': ({ signature = '', receivedAtMs }, body, random) => ({
    signature: [signature, random() < 0.5 ? signature : signDelivery('mcsig_guess', body, receivedAtMs)].join(','),
  }),
  "with another tenant's key": ({ receivedAtMs }, body) => ({
    signature: signDelivery(OTHER.signingSecret ?? '', body, receivedAtMs),
  }),
  "to another tenant's URL": (_good, _body, random) => ({
    secret: 'other-secret',
    hookId: random() < 0.5 ? OTHER.hookId : undefined,
  }),
  "with another hook's id": () => ({ hookId: OTHER.hookId }),
  'with a wrong secret': (_good, _body, random) => ({
    secret: ['', 'own-secreT', 'own-secret ', OWN.secretHash, 'mcsig_own', `s${random()}`][between(random, 0, 5)] ?? '',
    ...(random() < 0.5 && { hookId: undefined }),
  }),
  'with a weaker signature': ({ receivedAtMs, signature = '' }, body, random) => {
    const key = OWN.signingSecret ?? '';
    const t = stampOf(receivedAtMs);
    const weaker = [
      signature.replace('v1=', 'v0='),
      signature.replace('v1=', 'V1='),
      signature.replace(/v1=.*/, 'v1=none'),
      signature.replace(/,v1=.*/, ''),
      signature.replace(/^t=\d+,/, ''),
      signature.replace(/^t=\d+/, 't=0'),
      signature.replace(/(v1=.{32}).*/, '$1'),
      `t=${t},v1=${hmac(key, body)}`,
      `t=${t},v1=${hmac(key, `${t}${body}`)}`,
      `t=${t},v1=${hmac('', `${t}.${body}`)}`,
      `t=${t},v1=${sha256(`${t}.${body}`)}`,
      `t=${t},v1=${createHmac('sha1', key).update(`${t}.${body}`).digest('hex')}`,
      `t=${t},v1=${createHmac('sha256', key).update(`${t}.${body}`).digest('base64')}`,
      `t=${t},v1=${hmac(key, `${t}.${body}`).toUpperCase()}`,
    ];
    return { signature: weaker[Math.floor(random() * weaker.length)] };
  },
};

describe('10,000 deliveries that are not quite what the vendor sent', () => {
  const kinds = Object.entries(MUTATIONS);

  it('are refused to the last one, and leave nothing behind', async () => {
    const { clock, deps, receive } = open();
    const random = seeded(SEED);
    const accepted: string[] = [];
    const refused = new Map<string, number>();
    for (let index = 0; index < 10_000; index++) {
      const [name, mutate] = kinds[index % kinds.length] ?? ['', () => ({})];
      const { body } = bodyOf(index, random);
      const good: Request = {
        secret: 'own-secret',
        hookId: index % 2 === 0 ? OWN.hookId : undefined,
        rawBody: Buffer.from(body),
        signature: signDelivery(OWN.signingSecret ?? '', body, clock.now()),
        receivedAtMs: clock.now(),
      };
      const change = mutate(good, body, random);
      const mutated = { ...good, ...change };
      // What is tried really is another request.
      expect(JSON.stringify(mutated)).not.toBe(JSON.stringify(good));
      const verdict = await receive(mutated);
      // Late is only what the holder of the key once signed: never anything that is a forgery too.
      const isLate = name === 'stale' || name === 'from the future';
      if (isLate ? verdict !== 'stale' : verdict !== 'forged' && verdict !== 'unknown')
        accepted.push(`${index}: ${name} is ${verdict}`);
      refused.set(name, (refused.get(name) ?? 0) + 1);
      clock.advance(1_000);
    }
    expect(accepted).toEqual([]);
    expect(Math.min(...refused.values())).toBeGreaterThan(600);
    expect(refused.size).toBe(kinds.length);
    expect([deps.suppressions.saves, deps.suppressions.records.size, deps.quarantine.records.size]).toEqual([0, 0, 0]);
    expect(deps.liveCounts.held.size).toBe(0);
    expect([...deps.hookActivity.days.values()].flat().reduce((sum, day) => sum + day.deliveries, 0)).toBe(0);
  });

  it('stand against 1,000 good ones, from 300 s before to 300 s after, which are all stored', async () => {
    const { clock, deps, receive } = open();
    const random = seeded(SEED + 1);
    const wanted: [email: string, reason: string][] = [];
    for (let index = 0; index < 1_000; index++) {
      const { body, email, reason } = bodyOf(index, random);
      const off = index % 10 === 0 ? 300 : index % 10 === 1 ? -300 : between(random, -300, 300);
      const verdict = await receive({
        secret: 'own-secret',
        hookId: index % 2 === 0 ? OWN.hookId : undefined,
        rawBody: Buffer.from(body),
        signature: signDelivery(OWN.signingSecret ?? '', body, clock.now() + off * 1_000),
        receivedAtMs: clock.now(),
      });
      expect([index, verdict]).toEqual([index, 'ok']);
      wanted.push([email, reason]);
      clock.advance(1_000);
    }
    for (const [email, reason] of wanted) expect(await findSuppression(deps, TENANT, email)).toMatchObject({ email, reason });
    expect(deps.suppressions.records.size).toBe(1_000);
  });

  it('cost one read of a hook each when the secret is wrong, and none when there is none', async () => {
    const { deps, reads, receive } = open();
    const untouched = () => Promise.reject(new Error('Nothing else may be asked'));
    Object.assign(deps.suppressions, { get: untouched, save: untouched });
    Object.assign(deps.hookActivity, { rejected: untouched, delivered: untouched });
    Object.assign(deps.quarantine, { keep: untouched });
    const request = { hookId: undefined, rawBody: Buffer.from('type=cleaned'), signature: undefined, receivedAtMs: 0 };
    for (let index = 0; index < 100; index++) expect(await receive({ ...request, secret: `wrong-${index}` })).toBe('unknown');
    expect(reads.hooks).toBe(100);
    expect(await receive({ ...request, secret: '' })).toBe('unknown');
    expect(reads.hooks).toBe(100);
  });
});

describe('a signed delivery of any bytes', () => {
  it('is answered yes, and is either of no concern or kept, but never fails', async () => {
    const { clock, deps, receive } = open();
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.string({ unit: 'binary', maxLength: 200 }).map((text) => Buffer.from(`type=cleaned&data[email]=${text}`)),
      fc.string({ maxLength: 200 }).map((text) => Buffer.from(`type=upemail&data[old_email]=a%40b.test&${text}`)),
    );
    await fc.assert(
      fc.asyncProperty(bytes, async (any) => {
        const rawBody = Buffer.from(any);
        const signature = signDelivery(OWN.signingSecret ?? '', rawBody, clock.now());
        const request = { secret: 'own-secret', hookId: undefined, rawBody, signature, receivedAtMs: clock.now() };
        expect(await receive(request)).toBe('ok');
      }),
      { numRuns: 1_000, seed: SEED },
    );
    expect(deps.quarantine.records.size).toBeGreaterThan(500);
  });
});
