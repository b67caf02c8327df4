import { MINUTE, SECOND } from '../../src/core/shared/clock.ts';
import { audienceOf, connect, sync } from '../../tests/e2e/connect.ts';
import { create, read, type Campaign } from '../../tests/e2e/drafts.ts';
import type { DayStack } from '../scale/day-stack.ts';
import type { Tenant } from './open-tenant.ts';

export interface Scene extends Tenant {
  readonly stack: DayStack;
}
/** Arranges what it needs; the calls of what it returns are counted, those of all that follows included. */
type Flow = (scene: Scene) => Counted | Promise<Counted>;
type Counted = () => Promise<unknown>;

/** Behind what a connect and a disconnect leave to be tidied. */
const TIDIED_MS = 16 * MINUTE;
/** Behind the look that is taken at a draft afterwards. */
const LOOKED_AFTER_MS = 4 * MINUTE;
/** How long the simulated vendor needs for a mailing. */
export const MAILING_MS = 30 * SECOND;

async function draft(scene: Scene, more: Readonly<Record<string, unknown>> = {}): Promise<Campaign> {
  const { client, accountId, listId } = scene;
  const ready = { client, accountId, listId, audienceId: await audienceOf(client, listId) };
  return create(ready, 'draft', { subject: `Loaves ${Math.random()}`, ...more });
}

/** A draft of which nothing is left to be done. */
async function oldDraft(scene: Scene, more: Readonly<Record<string, unknown>> = {}): Promise<Campaign> {
  const made = await draft(scene, more);
  await later(scene, LOOKED_AFTER_MS);
  return made;
}

const later = async ({ stack }: Scene, ms: number): Promise<void> => {
  const fired = await stack.advance(ms);
  if (fired.length > 0) throw new Error(`${fired.join()} fired within a flow.`);
};

/** Lets time pass as it does, so that every look at the vendor falls due at its own time. */
async function untilSent(scene: Scene, id: string): Promise<void> {
  for (let passed = 0; passed < 10 * MAILING_MS; passed += SECOND) {
    await later(scene, SECOND);
    if ((await read(scene, id)).status === 'sent') return;
  }
  throw new Error(`${id} was not sent.`);
}

const send = async (scene: Scene, { id }: Campaign): Promise<void> => {
  await scene.client.call('sendCampaign', { params: { id } });
  await untilSent(scene, id);
};

async function hookOf({ stack, accountId, listId }: Scene) {
  const hook = (await stack.vendor.hooks(accountId)).find((one) => one.listId === listId);
  if (!hook) throw new Error('The audience has no webhook.');
  return hook;
}

/** A clock of their own each, which nothing of a schedule falls into. In the order in which they run. */
export const FLOWS = {
  'connect, with the first runs': (scene) => async () => {
    await connect(scene.client, scene.accountId);
    await later(scene, TIDIED_MS);
  },
  'look at what is stored: connection, webhooks, audiences, campaigns, numbers, suppressions':
    ({ client }) =>
    async () => {
      await client.call('getConnection');
      await client.call('listWebhooks');
      await client.call('listAudiences');
      await client.call('listTemplates');
      await client.call('listCampaigns');
      await client.call('listAutomations');
      await client.call('listSuppressions');
      await client.call('summarizeMetrics');
    },
  'look at the sender':
    ({ client }) =>
    () =>
      client.call('getSender'),
  'audiences run, all webhooks well':
    ({ client }) =>
    () =>
      sync(client, 'audiences'),
  'suppressions run, nobody left since':
    ({ client }) =>
    () =>
      sync(client, 'suppressions'),
  'suppressions run, one left since': async ({ stack, client, listId }) => {
    await stack.vendor.member(listId, 'left@readers.test', 'unsubscribed');
    return () => sync(client, 'suppressions');
  },
  'metrics run':
    ({ client }) =>
    () =>
      sync(client, 'metrics'),
  'automations run':
    ({ client }) =>
    () =>
      sync(client, 'automations'),

  'draft of HTML': (scene) => async () => {
    await draft(scene);
    await later(scene, LOOKED_AFTER_MS);
  },
  'draft of a template': async (scene) => {
    const { items } = await scene.client.call('listTemplates');
    return async () => {
      await draft(scene, { html: undefined, templateId: items[0]?.id });
      await later(scene, LOOKED_AFTER_MS);
    };
  },
  'draft whose creation is not answered': (scene) => async () => {
    const fault = { method: 'POST', path: '^/3\\.0/campaigns$', kind: 'drop-after-commit' };
    await scene.stack.vendor.fault(scene.accountId, fault);
    await draft(scene);
    await later(scene, LOOKED_AFTER_MS);
  },
  'edit of a draft': async (scene) => {
    const { id } = await oldDraft(scene);
    return async () => {
      await scene.client.call('editCampaign', { params: { id }, body: { subject: 'Rye again', html: '<p>Rye again</p>' } });
      await later(scene, LOOKED_AFTER_MS);
    };
  },
  'test mail': async (scene) => {
    const { id } = await oldDraft(scene);
    return () => scene.client.call('testCampaign', { params: { id }, body: { emails: ['tester@harbor.test'] } });
  },
  'pre-flight of a draft': async (scene) => {
    const { id } = await oldDraft(scene);
    return () => scene.client.call('preflightCampaign', { params: { id } });
  },
  'pre-flight of a draft of a template': async (scene) => {
    const { items } = await scene.client.call('listTemplates');
    const { id } = await oldDraft(scene, { html: undefined, templateId: items[0]?.id });
    return () => scene.client.call('preflightCampaign', { params: { id } });
  },
  'send of a draft, until it is seen to be sent': async (scene) => {
    const made = await oldDraft(scene);
    return () => send(scene, made);
  },
  'send of a draft that somebody scheduled at Mailchimp': async (scene) => {
    const made = await oldDraft(scene);
    await scene.stack.vendor.tell('POST', `/campaigns/${made.vendorId}/status`, { status: 'schedule' });
    return () => send(scene, made);
  },
  'removal of a draft': async (scene) => {
    const { id } = await oldDraft(scene);
    return async () => {
      await scene.client.call('deleteCampaign', { params: { id } });
      await later(scene, LOOKED_AFTER_MS);
    };
  },

  'delivery of a webhook': async (scene) => {
    await scene.stack.vendor.member(scene.listId, 'leaving@readers.test');
    return () => scene.stack.vendor.act(scene.listId, 'leaving@readers.test', 'unsubscribe');
  },
  'check of the webhooks, all well':
    ({ client }) =>
    () =>
      client.call('repairWebhooks'),
  'check of the webhooks, one was deleted': async (scene) => {
    await scene.stack.vendor.tell('DELETE', `/hooks/${(await hookOf(scene)).id}`);
    return () => scene.client.call('repairWebhooks');
  },
  'check of the webhooks, one has other events': async (scene) => {
    const { stack, accountId, listId } = scene;
    const path = `/lists/${listId}/webhooks/${(await hookOf(scene)).id}`;
    await stack.vendor.asOwner(accountId, 'PATCH', path, { events: { unsubscribe: false } });
    return () => scene.client.call('repairWebhooks');
  },

  'push of the suppressions, one of them is subscribed': async ({ stack, client, listId }) => {
    await stack.vendor.member(listId, 'asked@readers.test');
    await client.call('addSuppression', { body: { email: 'asked@readers.test' } });
    return () => client.call('pushSuppressions', { body: {} });
  },
  'look at a person':
    ({ client }) =>
    () =>
      client.call('exportContact', { params: { email: 'asked@readers.test' } }),
  'erasure of a person': (scene) => async () => {
    await scene.client.call('eraseContact', { params: { email: 'asked@readers.test' } });
    await later(scene, TIDIED_MS);
  },

  'token that is refused, called valid, and works again': async (scene) => {
    await scene.stack.vendor.fault(scene.accountId, { path: '/3.0/verified-domains', kind: 'json-401', times: 1 });
    return async () => {
      await scene.client.reply('getSender');
      await later(scene, TIDIED_MS);
    };
  },
  disconnect: (scene) => async () => {
    await scene.client.call('disconnect');
    await later(scene, TIDIED_MS);
  },
} as const satisfies Record<string, Flow>;
