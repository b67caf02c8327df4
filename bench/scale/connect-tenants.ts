import pLimit from 'p-limit';
import { createTenant } from '../../scripts/tenants.ts';
import { DAY } from '../../src/core/shared/clock.ts';
import { Client } from '../../tests/e2e/client.ts';
import { connect } from '../../tests/e2e/connect.ts';
import type { DayStack } from './day-stack.ts';
import { tenantProfile } from './tenant-profile.ts';

/** Who is left to mail, in each audience. */
const SUBSCRIBED = 50;
const AT_ONCE = 6;

export interface DayTenant {
  index: number;
  tenantId: string;
  /** Where people leave during the day. */
  firstListId: string;
}

/**
 * Makes tenants with the profiles of their indexes, and connects each by the whole way: its consent at the vendor, the first
 * look with a signed hook per audience, and the first runs. Only the tenant itself is made without a process of its own.
 */
export async function connectTenants(stack: DayStack, count: number): Promise<DayTenant[]> {
  const limit = pLimit(AT_ONCE);
  const indexes = Array.from({ length: count }, (_, index) => index);
  return Promise.all(indexes.map((index) => limit(() => connectTenant(stack, index))));
}

async function connectTenant({ info, vendor }: DayStack, index: number): Promise<DayTenant> {
  const { audiences, departedPerAudience, campaigns, automations } = tenantProfile(index);
  const slug = `tenant-${index}`;
  const where = { tableName: info.tableName, dynamodb: info.endpoints.dynamodb };
  const { tenantId, apiKey } = await createTenant(where, { slug, owner: `owner@${slug}.test`, domain: null, name: slug });
  const { id: accountId } = await vendor.account(slug, { email: `owner@${slug}.test` });
  const lists: string[] = [];
  for (let made = 0; made < audiences; made++) {
    // A domain each, so that nobody is in two of them.
    const members = { subscribed: SUBSCRIBED, unsubscribed: departedPerAudience, domain: `readers-${made}.test` };
    lists.push(await vendor.list(accountId, `${slug} readers ${made}`, members));
  }
  const [firstListId] = lists;
  if (firstListId === undefined) throw new Error('The profile has no audience.');
  // One a day, so that the large ones have reports of all ages.
  await vendor.tell('POST', '/campaigns', { accountId, listId: firstListId, count: campaigns, spacingMs: DAY });
  for (let made = 0; made < automations; made++)
    await vendor.tell('POST', '/automations', { accountId, title: `Welcome ${made}` });
  await connect(new Client(info.apiUrl, apiKey, tenantId), accountId);
  return { index, tenantId, firstListId };
}

/** Of those who leave in a day, how many a webhook tells of; the others are found by the nightly run. */
export const toldByWebhook = (departures: number): number => Math.ceil(departures / 2);

/** Lets the people of a day leave, the silent ones first: a hook that tells of nobody after them would be taken for deaf. */
export async function letPeopleLeave({ vendor }: DayStack, { index, firstListId }: DayTenant): Promise<void> {
  const { departuresPerDay } = tenantProfile(index);
  const told = toldByWebhook(departuresPerDay);
  const silent = departuresPerDay - told;
  if (silent > 0) await vendor.tell('POST', `/lists/${firstListId}/members`, { unsubscribed: silent });
  if (told > 0) await vendor.tell('POST', `/lists/${firstListId}/burst`, { count: told });
}
