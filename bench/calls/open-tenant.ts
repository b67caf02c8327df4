import { createTenant } from '../../scripts/tenants.ts';
import { DAY, HOUR, toIso } from '../../src/core/shared/clock.ts';
import { Client } from '../../tests/e2e/client.ts';
import type { DayStack } from '../scale/day-stack.ts';

/** What an account holds before it is connected. */
interface AccountSize {
  readonly audiences: number;
  /** In each audience. */
  readonly members: { readonly subscribed: number; readonly unsubscribed: number; readonly cleaned: number };
  /** Sent before, with a report each. */
  readonly campaigns: number;
}

/** In one, a page holds whatever there is of anything; in the other it does not. */
export const SIZES = {
  small: { audiences: 1, members: { subscribed: 40, unsubscribed: 12, cleaned: 3 }, campaigns: 5 },
  large: { audiences: 3, members: { subscribed: 1_200, unsubscribed: 1_200, cleaned: 20 }, campaigns: 1_050 },
} as const satisfies Record<string, AccountSize>;
export type Size = keyof typeof SIZES;
export const SIZE_NAMES = ['small', 'large'] as const satisfies readonly Size[];

/** A tenant that is not connected yet, and its account. */
export interface Tenant {
  readonly client: Client;
  readonly accountId: string;
  /** The first of its audiences, where everything happens that happens in one. */
  readonly listId: string;
}

export async function openTenant(stack: DayStack, size: Size): Promise<Tenant> {
  const { info, vendor } = stack;
  const { audiences, members, campaigns } = SIZES[size];
  const owner = `owner@${size}.test`;
  const where = { tableName: info.tableName, dynamodb: info.endpoints.dynamodb };
  const { tenantId, apiKey } = await createTenant(where, { slug: size, owner, domain: null, name: size });
  const { id: accountId } = await vendor.account(size, { email: owner });
  const now = await stack.now();
  const lists: string[] = [];
  for (let made = 0; made < audiences; made++) {
    // A domain each, so that nobody is in two of them.
    const spread = { domain: `readers-${made}.${size}.test`, from: toIso(now - 300 * DAY), to: toIso(now - DAY) };
    lists.push(await vendor.list(accountId, `Readers ${made}`, { ...members, ...spread }));
  }
  const [listId] = lists;
  if (listId === undefined) throw new Error('The account has no audience.');
  await vendor.tell('POST', '/campaigns', { accountId, listId, count: campaigns, spacingMs: 6 * HOUR });
  await vendor.tell('POST', '/automations', { accountId, title: 'Welcome' });
  await vendor.tell('POST', '/templates', { accountId, name: 'Bones', html: '<html><body><p>Bones</p></body></html>' });
  return { client: new Client(info.apiUrl, apiKey, tenantId), accountId, listId };
}
