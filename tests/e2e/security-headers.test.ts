import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, test } from '@jest/globals';
import { openStack, type Stack } from './open-stack.ts';

describe('what every answer carries', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await openStack();
  });
  afterAll(() => stack.close());

  const EVERYWHERE = {
    'cache-control': 'no-store',
    'content-security-policy': expect.stringMatching(/^default-src 'none'; .*frame-ancestors 'none'$/),
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'strict-transport-security': 'max-age=31536000',
    'x-content-type-options': 'nosniff',
  };
  const get = (path: string, init?: RequestInit): Promise<Response> =>
    fetch(`${stack.info.apiUrl}${path}`, { redirect: 'manual', ...init });

  test.each([
    ['data', '/v1/health', 200],
    ['a refusal', '/v1/campaigns', 401],
    ['a route that is none', '/v1/nowhere', 404],
    ['the API as a document', '/v1/openapi.json', 200],
    ['the API as a page', '/v1/docs', 200],
    ['the page after a consent that leads nowhere', '/v1/integrations/mailchimp/callback?state=unknown&code=1', 400],
    ['a webhook', '/marketing-automation/webhooks/mailchimp/?secret=unknown', 404],
  ])('tells browsers to keep %s to themselves', async (_, path, status) => {
    const { status: answered, headers } = await get(path);
    expect(answered).toBe(status);
    expect(Object.fromEntries(headers)).toMatchObject(EVERYWHERE);
    expect(headers.get('content-security-policy')).not.toContain('unsafe');
  });

  test.each([
    ['an answer', 'addSuppression', { email: 'mona@harborlane.test', reason: 'phoned' }, /^20\d$/, 'application/json'],
    [
      'a refusal',
      'createCampaign',
      { audienceId: 'aud_01JZZZZZZZZZZZZZZZZZZZZZZZ', subject: 'Loaf', html: '<p>Loaf</p>', action: 'draft' },
      /^(?!400)4\d\d$/,
      'application/problem+json',
    ],
  ] as const)('is there too when %s is repeated for its Idempotency-Key', async (_, route, body, wanted, type) => {
    const client = await stack.tenant(`repeated-${route.toLowerCase()}`, '--owner', 'boss@acme.test', '--domain', 'acme.test');
    const ask = () => client.reply(route, { body, headers: { 'idempotency-key': 'loaf-1' } });
    const [first, again] = [await ask(), await ask()];
    expect(String(again.status)).toMatch(wanted);
    expect([again.status, again.text]).toEqual([first.status, first.text]);
    expect(first.headers.get('idempotent-replay')).toBeNull();
    expect(Object.fromEntries(again.headers)).toMatchObject({
      ...EVERYWHERE,
      'content-type': `${type}; charset=utf-8`,
      'idempotent-replay': 'true',
    });
  });

  test.each([
    ['the API', '/v1/docs'],
    ['a consent that leads nowhere', '/v1/integrations/mailchimp/callback?state=unknown&code=1'],
  ])('lets the page of %s use its own style sheet and nothing else', async (_, path) => {
    const reply = await get(path);
    const page = await reply.text();
    const styles = [...page.matchAll(/<style>(.*?)<\/style>/gs)].map(([, style]) => style ?? '');
    expect(styles).toHaveLength(1);
    const hash = createHash('sha256').update(styles.join('')).digest('base64');
    expect(Object.fromEntries(reply.headers)).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      'cross-origin-opener-policy': 'same-origin',
      'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
    });
    expect(page).not.toMatch(/<script|<img|<link|<form|\sstyle=|\son\w+=/);
  });

  it('is no type that a browser has to guess', async () => {
    expect((await get('/v1/campaigns')).headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect((await get('/v1/health')).headers.get('content-type')).toBe('application/json; charset=utf-8');
  });
});
