import { consent, readyTenant, runEnd, sync, type Ready } from './connect.ts';
import { encode, post, sign, signingSecretOf } from './deliveries.ts';
import { create, reaches } from './drafts.ts';
import type { Stack } from './open-stack.ts';
import { tenantRoutes } from './read-everything.ts';
import { secrets } from './table.ts';
import type { Belongings } from './valid-input.ts';

/** A tenant that has one of everything, with its own word in every text. */
export interface FullTenant extends Ready, Belongings {
  /** In every name, subject and address, and in nothing of anybody else. */
  readonly word: string;
  /** The secret URLs of its webhooks. */
  readonly hookUrls: readonly string[];
  /** Keys, tokens and secrets. */
  readonly secrets: readonly string[];
}

/** The Idempotency-Key that a full tenant has used, one for each route that takes one. */
export const usedKey = (word: string, routeId: string): string => `${word}-${routeId}`;

/** Opens a tenant and gives it everything there is. */
export async function fullTenant(stack: Stack, word: string): Promise<FullTenant> {
  const ready = await readyTenant(stack, word, {});
  const { client, accountId, listId } = ready;
  for (const status of ['subscribed', 'unsubscribed', 'cleaned'])
    await stack.vendor.member(listId, `${status}@${word}.test`, status);
  await stack.vendor.member(listId, `leaver@${word}.test`);
  for (const name of ['Plain', 'Festive']) await stack.vendor.tell('POST', '/templates', { accountId, name: `${name} ${word}` });
  for (const title of ['Welcome', 'Birthday'])
    await stack.vendor.tell('POST', '/automations', { accountId, listId, title: `${title} ${word}`, emailsSent: 3 });
  await stack.vendor.list(accountId, `${word} second list`);
  for (const task of ['audiences', 'automations', 'suppressions']) await sync(client, task);
  const texts = { subject: `Subject ${word}`, html: `<p>${word}</p>`, previewText: `Preview ${word}`, fromName: `From ${word}` };
  const sent = await reaches(ready, (await create(ready, 'send', texts)).id, 'sent');
  await stack.vendor.tell('POST', `/campaigns/${sent.vendorId}/report`, { emails_sent: 9, unique_opens: 4 });
  const draft = await create(ready, 'draft', texts);
  const { runId } = await runEnd(client, (await client.call('refreshMetrics', { params: { id: sent.id } })).runId);
  const templates = await client.call('listTemplates');
  const [hook] = await stack.vendor.hooks(accountId);
  const body = encode('unsubscribe', { email: `leaver@${word}.test`, list_id: listId, campaign_id: sent.vendorId ?? '' });
  await post(hook?.url ?? '', body, sign(signingSecretOf(stack, hook?.id ?? ''), body));
  // Two that nobody can read, so that their list has two pages.
  for (const index of [1, 2]) {
    const unreadable = encode('unsubscribe', { email: `no-address-${index}-${word}`, list_id: listId });
    await post(hook?.url ?? '', unreadable, sign(signingSecretOf(stack, hook?.id ?? ''), unreadable));
  }
  // One key of each route that takes one.
  const keyed = tenantRoutes.filter(({ route }) => route.idempotent);
  for (const { id } of keyed)
    await client.call('addSuppression', {
      body: { email: `${id}@${word}.test`, reason: `Reason ${word}` },
      headers: { 'idempotency-key': usedKey(word, id) },
    });
  await client.call('putSettings', { body: { senderName: `Sender ${word}`, timezone: 'Europe/Berlin' } });
  const spare = await client.call('createApiKey', { body: { name: `Spare ${word}`, role: 'editor' } });
  const { state, ticket } = await consent(client, accountId);
  const hooks = await stack.vendor.hooks(accountId);
  const tokens = [...(await secrets(stack))].filter(([name]) => name.includes(client.tenantId));
  const connectionIds = tokens.flatMap(([name]) => name.match(/con_\w+/) ?? []);
  return {
    ...ready,
    word,
    apiUrl: client.apiUrl,
    // The ones that may be used up come first: they are what a valid request names.
    ids: [
      draft.id,
      spare.id,
      ready.audienceId,
      sent.id,
      runId,
      ...templates.items.map(({ id }) => id),
      client.tenantId,
      accountId,
      ...connectionIds,
      ...hooks.map(({ id }) => id),
    ],
    email: `${word}-nobody@example.test`,
    session: { state, ticket },
    hookUrls: hooks.map(({ url }) => url),
    secrets: [
      client.apiKey ?? '',
      spare.apiKey,
      state,
      ticket,
      ...hooks.map(({ url }) => new URL(url).searchParams.get('secret') ?? ''),
      ...tokens.map(([, value]) => value),
    ],
  };
}
