import * as z from 'zod';
import type { Client } from '../../e2e/client.ts';
import type { Vendor } from '../../e2e/simulator.ts';

const page = z.object({ members: z.array(z.object({ email_address: z.string() })), total_items: z.number() });

/** The addresses that the vendor's own API gives for these states, in its own order, oldest change first. */
export async function leftAtVendor(
  vendor: Vendor,
  accountId: string,
  listId: string,
  statuses: readonly string[] = ['unsubscribed', 'cleaned'],
): Promise<string[]> {
  const emails: string[] = [];
  for (const status of statuses) {
    for (let offset = 0, total = 1; offset < total; offset += 1_000) {
      const query = `status=${status}&sort_field=last_changed&sort_dir=ASC&count=1000&offset=${offset}`;
      const { members, total_items } = await vendor.read(accountId, `/lists/${listId}/members?${query}`, page);
      emails.push(...members.map(({ email_address }) => email_address));
      total = total_items;
    }
  }
  return emails;
}

/** Everybody whom the service holds for suppressed. */
export async function suppressedHere(client: Client): Promise<string[]> {
  const emails: string[] = [];
  for (let cursor: string | null | undefined; cursor !== null;) {
    const query = { limit: 1_000, ...(cursor !== undefined && { cursor }) };
    const { items, nextCursor } = await client.call('listSuppressions', { query });
    emails.push(...items.map(({ email }) => email));
    cursor = nextCursor;
  }
  return emails;
}

export const isSuppressed = async (client: Client, email: string): Promise<boolean> =>
  (await client.call('checkSuppressions', { body: { emails: [email] } })).suppressed.length > 0;
