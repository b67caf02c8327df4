import { sync } from '../e2e/connect.ts';
import { encode, post, sign, signingSecretOf } from '../e2e/deliveries.ts';
import type { Stack } from '../e2e/open-stack.ts';
import { until } from '../e2e/wait.ts';

const HOUR_MS = 3_600_000;

/** One delivery that nobody can read, then somebody who leaves while the audience's webhook is silent, then the sync. */
export async function loseWebhooks(stack: Stack, accountId: string, listId: string, leaver: string): Promise<void> {
  const hook = (await stack.vendor.hooks(accountId)).find((one) => one.listId === listId);
  if (hook === undefined) throw new Error('The audience has no webhook');
  const unreadable = encode('unsubscribe', { reason: 'manual' });
  await post(hook.url, unreadable, sign(signingSecretOf(stack, hook.id), unreadable));
  await stack.vendor.tell('POST', `/hooks/${hook.id}/disable`);
  // The vendor tells whole seconds: in the one in which the hook was made, nobody knows what came first.
  await stack.advance(60_000);
  await stack.vendor.member(listId, leaver);
  await stack.vendor.act(listId, leaver, 'unsubscribe');
  await stack.advance(3 * HOUR_MS);
  await sync(stack.demo, 'suppressions');
  await until('the miss', async () => ((await stack.demo.call('getDrift', {})).missed === 1 ? true : undefined));
}
