import type { BodyOf, Client } from './client.ts';
import { http, type Reply } from './http.ts';
import type { Stack } from './open-stack.ts';
import { until } from './wait.ts';

export const returnUrlOf = (client: Client): string => `${client.apiUrl}/settings/integrations`;

/** Where a reply sends the browser. */
export function locationOf(reply: Reply): URL {
  const location = reply.headers.get('location');
  if (location === null) throw new Error(`No redirect: ${reply.status} ${reply.text.slice(0, 300)}`);
  return new URL(location);
}

/** What a person does on the vendor's page; answers where the browser is sent, which is our callback. */
export async function decide(authorizeUrl: string, decision: 'approve' | 'deny', accountId?: string): Promise<URL> {
  const url = new URL(authorizeUrl);
  const form = new URLSearchParams(url.searchParams);
  form.set('decision', decision);
  if (accountId !== undefined) form.set('account_id', accountId);
  return locationOf(await http(`${url.origin}${url.pathname}`, { method: 'POST', body: form }));
}

export interface Consent {
  readonly state: string;
  readonly ticket: string;
  readonly callback: URL;
  readonly answer: Reply;
}

/** Begins to connect and consents, up to the moment the browser is back. */
export async function consent(client: Client, accountId: string): Promise<Consent> {
  const { authorizeUrl, state } = await client.call('connect', { body: { returnUrl: returnUrlOf(client) } });
  const callback = await decide(authorizeUrl, 'approve', accountId);
  const answer = await http(callback.href);
  return { state, ticket: locationOf(answer).searchParams.get('ticket') ?? '', callback, answer };
}

/** The whole way from the button to the green tick. */
export async function connect(client: Client, accountId: string): Promise<BodyOf<'complete'>> {
  const { state, ticket } = await consent(client, accountId);
  return client.call('complete', { body: { state, ticket } });
}

const OVER: readonly string[] = ['succeeded', 'partial', 'failed', 'cancelled'];

export function runEnd(client: Client, runId: string, withinMs = 180_000): Promise<BodyOf<'getSync'>> {
  let last = '';
  return until(
    () => `the end of ${runId}, last seen as ${last}`,
    async () => {
      const found = await client.call('getSync', { params: { id: runId } });
      last = JSON.stringify(found);
      return OVER.includes(found.state) ? found : undefined;
    },
    withinMs,
  );
}

/** The longest that a run which meets no trouble of its own waits for, in the stack's time: several back-offs, a pending hook. */
const LONGEST_WAIT_MS = 30 * 60_000;
const STEP_MS = 30_000;

/** Lets the stack's time pass, in steps, until every run of a tenant is over. However slow the machine is, nothing is given up early. */
export async function runsEnd(stack: Stack, client: Client): Promise<void> {
  for (let passed = 0; ; passed += STEP_MS) {
    const { items } = await client.call('listSyncs', { query: { limit: 1000 } });
    const open = items.filter(({ state }) => !OVER.includes(state));
    if (open.length === 0) return;
    if (passed >= LONGEST_WAIT_MS) throw new Error(`Not over after ${passed} ms of the stack's time: ${JSON.stringify(open)}`);
    await stack.advance(STEP_MS);
  }
}

/** Starts a sync by hand and waits for its end. */
export async function sync(client: Client, task: string): Promise<BodyOf<'getSync'>> {
  const { runId } = await client.call('startSync', { body: { task } });
  return runEnd(client, runId);
}

/** Connects, and waits until what the connection queued is done. */
export async function connectFully(client: Client, accountId: string): Promise<BodyOf<'complete'>> {
  const connection = await connect(client, accountId);
  const { items } = await client.call('listSyncs');
  for (const { runId } of items) await runEnd(client, runId);
  return connection;
}

export interface Ready {
  readonly client: Client;
  readonly accountId: string;
  readonly listId: string;
  readonly audienceId: string;
}

/** A new tenant, connected to an account of its own with one audience; its owner's address may send. */
export async function readyTenant(
  stack: Stack,
  slug: string,
  members: Readonly<Record<string, unknown>> = { subscribed: 12 },
): Promise<Ready> {
  const client = await stack.tenant(slug, '--owner', `owner@${slug}.test`);
  const { id: accountId } = await stack.vendor.account(slug, { email: `owner@${slug}.test` });
  const listId = await stack.vendor.list(accountId, `${slug} readers`, members);
  await connectFully(client, accountId);
  return { client, accountId, listId, audienceId: await audienceOf(client, listId) };
}

export async function audienceOf(client: Client, listId: string): Promise<string> {
  const { items } = await client.call('listAudiences', { query: { limit: 1000 } });
  const found = items.find(({ vendorId }) => vendorId === listId);
  if (found === undefined) throw new Error('The audience is not listed');
  return found.id;
}
