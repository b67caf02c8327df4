import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from './client.ts';
import { openStack, type Stack } from './open-stack.ts';

const LIMIT = 60;
/** A container takes its share twenty at a time, so that the last of them may go unused. */
const RESERVE = 20;

describe('the rate limit of a tenant', () => {
  let stack: Stack;
  let greedy: Client;
  let modest: Client;
  beforeAll(async () => {
    stack = await openStack({ env: { RATE_LIMIT_PER_MINUTE: String(LIMIT) } });
    greedy = stack.demo;
    modest = await stack.tenant('modest', '--owner', 'o@modest.test');
  });
  afterAll(() => stack.close());

  it('stops one caller and no other, says how long to wait, and keeps that promise', async () => {
    // A minute that begins here, so that the count is not cut in two.
    await stack.advance(60_000 - ((await stack.now()) % 60_000));
    const replies = await Promise.all(Array.from({ length: 2 * LIMIT }, () => greedy.reply('listCampaigns')));
    const passed = replies.filter(({ status }) => status === 200).length;
    expect(passed).toBeLessThanOrEqual(LIMIT);
    expect(passed).toBeGreaterThanOrEqual(LIMIT - RESERVE);
    const refused = replies.find(({ status }) => status === 429);
    expect(replies.filter(({ status }) => status === 429)).toHaveLength(replies.length - passed);
    expect(refused?.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    const seconds = Number(refused?.headers.get('retry-after'));
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(60);
    expect(await greedy.problem('listCampaigns')).toMatchObject({ status: 429, code: 'rate_limited', fix: expect.any(String) });

    expect(await modest.call('listCampaigns')).toMatchObject({ items: [] });
    await stack.advance(seconds * 1_000);
    expect(await greedy.call('listCampaigns')).toMatchObject({ items: [] });
  });
});
