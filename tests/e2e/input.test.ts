import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RouteId } from '../../src/contract/routes.ts';
import { problemIn, type Input } from './client.ts';
import { readyTenant, type Ready } from './connect.ts';
import { create, type Campaign } from './drafts.ts';
import { openStack, type Stack } from './open-stack.ts';

describe('bad input', () => {
  let stack: Stack;
  let ready: Ready;
  let draft: Campaign;

  beforeAll(async () => {
    stack = await openStack();
    ready = await readyTenant(stack, 'strict', { subscribed: 3, unsubscribed: 3 });
    draft = await create(ready, 'draft', { subject: 'Confidential plans' });
  });
  afterAll(() => stack.close());

  const valid = () => ({ audienceId: ready.audienceId, subject: 'Fine', html: '<p>Fine</p>', action: 'draft' });
  const JSON_TYPE = { 'content-type': 'application/json' };

  it.each<[string, Record<string, unknown>, string]>([
    ['an unknown field', { colour: 'red' }, 'colour'],
    ['a wrong type', { subject: 7 }, 'subject'],
    ['nothing', { subject: undefined }, 'subject'],
    ['white space', { subject: '   ' }, 'subject'],
    ['too many characters', { subject: 'x'.repeat(151) }, 'subject'],
    ['two lines', { subject: 'a\r\nBcc: everybody@list.test' }, 'subject'],
    ['another action', { action: 'explode' }, 'action'],
    ['an id of another kind', { audienceId: 'cmp_0123456789abcdef' }, 'audienceId'],
    ['neither html nor template', { html: undefined }, 'html'],
    ['both html and template', { templateId: 'tpl_0123456789abcdef' }, 'html'],
    ['more than 1 MB of HTML', { html: `<p>${'ä'.repeat(600_000)}</p>` }, 'html'],
  ])('a campaign with %s names the field, and nothing is stored', async (_, wrong, field) => {
    const calls = (await stack.vendor.calls(ready.accountId)).length;
    const problem = await ready.client.problem('createCampaign', { body: { ...valid(), ...wrong } });
    expect(problem).toMatchObject({ status: 400, code: 'invalid_input' });
    expect(problem.errors?.map((error) => error.field)).toContain(field);
    expect((await ready.client.call('listCampaigns')).items.map(({ id }) => id)).toEqual([draft.id]);
    expect(await stack.vendor.calls(ready.accountId)).toHaveLength(calls);
  });

  it('takes HTML of almost 1 MB', async () => {
    const html = `<p>${'x'.repeat(1024 * 1024 - 200)}</p>`;
    const made = await create(ready, 'draft', { html });
    expect(made.status).toBe('draft');
    await ready.client.call('deleteCampaign', { params: { id: made.id } });
  });

  it.each<[string, string | undefined, number, string]>([
    ['not JSON', '{"subject":', 400, 'invalid_json'],
    ['a list', '[]', 400, 'invalid_input'],
    ['a string', '"draft"', 400, 'invalid_input'],
    ['null', 'null', 400, 'invalid_input'],
    ['nothing', undefined, 400, 'invalid_input'],
    ['over 5 MB', JSON.stringify({ html: 'x'.repeat(5 * 1024 * 1024) }), 413, 'payload_too_large'],
  ])('a body that is %s', async (_, body, status, code) => {
    const reply = await ready.client.raw('/v1/campaigns', {
      method: 'POST',
      headers: JSON_TYPE,
      ...(body !== undefined && { body }),
    });
    const problem = problemIn(reply);
    expect(problem).toMatchObject({ status, code });
    expect(problem.errors?.length).toBeGreaterThan(0);
  });

  it.each<[RouteId, Input, string]>([
    ['listCampaigns', { query: { limit: 0 } }, 'limit'],
    ['listCampaigns', { query: { limit: 1001 } }, 'limit'],
    ['listCampaigns', { query: { limit: 'ten' } }, 'limit'],
    ['listCampaigns', { query: { status: 'lost' } }, 'status'],
    ['listCampaigns', { query: { page: 2 } }, 'page'],
    ['listSyncs', { query: { task: 'everything' } }, 'task'],
    ['startSync', { body: { task: 'everything' } }, 'task'],
    ['startSync', { body: { task: 'metrics', tenantId: 'ten_x' } }, 'tenantId'],
    ['addSuppression', { body: { email: 'not an address' } }, 'email'],
    ['addSuppression', { body: { email: 'a@b.test', reason: 'x'.repeat(501) } }, 'reason'],
    ['checkSuppressions', { body: { emails: 'a@b.test' } }, 'emails'],
    ['checkSuppressions', { body: { emails: ['a@b.test', 'Ann <a@b.test>'] } }, 'emails.1'],
    ['createApiKey', { body: { name: 'k', role: 'god' } }, 'role'],
    ['createApiKey', { body: { name: '', role: 'viewer' } }, 'name'],
    ['connect', { body: {} }, 'returnUrl'],
  ])('%s with bad input names the field: %#', async (route, input, field) => {
    const problem = await ready.client.problem(route, input);
    expect(problem).toMatchObject({ status: 400, code: 'invalid_input' });
    expect(problem.errors?.map((error) => error.field)).toContain(field);
  });

  it('an Idempotency-Key of a wrong form', async () => {
    for (const key of ['x'.repeat(201), 'with space']) {
      const problem = await ready.client.problem('createCampaign', { body: valid(), headers: { 'idempotency-key': key } });
      expect(problem).toMatchObject({ status: 400, errors: [{ field: 'Idempotency-Key' }] });
    }
  });

  it('cursors that were altered, made up, or belong to another list', async () => {
    await create(ready, 'draft', { subject: 'Confidential plans 2' });
    const { nextCursor } = await ready.client.call('listCampaigns', { query: { limit: 1 } });
    const cursor = nextCursor ?? '';
    expect(cursor).not.toBe('');
    const middle = Math.floor(cursor.length / 2);
    const altered = `${cursor.slice(0, middle)}${cursor[middle] === 'A' ? 'B' : 'A'}${cursor.slice(middle + 1)}`;
    for (const wrong of [altered, 'made-up', cursor.slice(0, -3), `${cursor}xx`]) {
      expect(await ready.client.problem('listCampaigns', { query: { cursor: wrong } })).toMatchObject({
        status: 400,
        code: 'invalid_cursor',
      });
    }
    for (const route of [
      'listSuppressions',
      'listSyncs',
      'listAudiences',
      'listTemplates',
      'listAutomations',
      'exportSuppressions',
      'exportMetrics',
    ] as const) {
      expect(await ready.client.problem(route, { query: { cursor } })).toMatchObject({ status: 400, code: 'invalid_cursor' });
    }
  });

  it('ids that cannot be one are 404, paths that are none as well', async () => {
    for (const id of ['x', 'cmp_', 'ten_0123456789abcdef', "cmp_1' OR 1=1", 'cmp_0123456789abcdef']) {
      expect(await ready.client.problem('getCampaign', { params: { id } })).toMatchObject({ status: 404 });
    }
    expect(await ready.client.problem('getConnection', { params: { platform: 'pigeon' } })).toMatchObject({ status: 404 });
    for (const [method, path] of [
      ['GET', '/v1/nothing'],
      ['PUT', '/v1/campaigns'],
      ['GET', '/v2/health'],
      ['DELETE', '/v1/health'],
      ['POST', '/v1/'],
    ] as const) {
      expect(problemIn(await ready.client.raw(path, { method }))).toMatchObject({ status: 404, code: 'route_not_found' });
    }
  });
});
