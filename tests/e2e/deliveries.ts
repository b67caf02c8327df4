import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { signDelivery } from '../support/sign-delivery.ts';
import { http, parseJson, type Reply } from './http.ts';
import type { Stack } from './open-stack.ts';
import type { Hook } from './simulator.ts';
import { until } from './wait.ts';

const vendorState = z.object({
  lists: z.record(z.string(), z.object({ hooks: z.array(z.object({ id: z.string(), signingSecret: z.string().optional() })) })),
});

/** What the vendor signs with: only it and the service know. */
export function signingSecretOf(stack: Stack, hookId: string): string {
  const { lists } = vendorState.parse(parseJson(readFileSync(join(stack.stateDir, 'simulator', 'simulator.json'), 'utf8')));
  const hooks = Object.values(lists).flatMap((list) => list.hooks);
  const secret = hooks.find(({ id }) => id === hookId)?.signingSecret;
  if (secret === undefined) throw new Error('The hook is not signed');
  return secret;
}

export const sign = (secret: string, body: string, atMs = Date.now()): string => signDelivery(secret, body, atMs);

/** A delivery's body as the vendor encodes it. */
export function encode(type: string, data: Readonly<Record<string, string>>, firedAt = '2026-01-05 10:00:00'): string {
  const form = new URLSearchParams({ type, fired_at: firedAt });
  for (const [name, value] of Object.entries(data)) form.append(`data[${name}]`, value);
  return form.toString();
}

export function post(url: string, body: string, signature?: string): Promise<Reply> {
  const signed = signature === undefined ? {} : { 'x-mailchimp-signature': signature };
  return http(url, { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded', ...signed }, body });
}

/** The same hook in the URL form without an id. */
export function shortForm(url: string): string {
  const { origin, searchParams } = new URL(url);
  return `${origin}/marketing-automation/webhooks/mailchimp/?secret=${searchParams.get('secret') ?? ''}`;
}

/** Lets the vendor deliver, and answers how its next attempt went. */
export async function outcomeOf(stack: Stack, hook: Hook, act: () => Promise<unknown>): Promise<string> {
  const before = (await stack.vendor.attempts(hook.id)).length;
  await act();
  const latest = await until('a delivery', async () => (await stack.vendor.attempts(hook.id))[before]);
  return latest.outcome;
}
