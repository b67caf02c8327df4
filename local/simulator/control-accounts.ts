import * as z from 'zod';
import { addAccount } from './accounts.ts';
import { noContent, ok } from './api-call.ts';
import { accountById, listById, type ControlCall, type ControlRoute } from './control-call.ts';
import { readBody } from './input.ts';
import { issueToken } from './oauth.ts';
import type { Account } from './records.ts';
import { addAutomation, addTemplate } from './seed.ts';
import { appRecord, listsOf, type Simulation } from './state.ts';
import { addDomain } from './verified-domains.ts';
import { deleteHook } from './webhooks.ts';

const changes = z
  .object({
    name: z.string(),
    email: z.string(),
    firstName: z.string(),
    lastName: z.string(),
    role: z.string(),
    dc: z.string(),
    apiEndpoint: z.string(),
    loginId: z.number(),
    proEnabled: z.boolean(),
    pricingPlanType: z.string(),
    disabled: z.boolean(),
  })
  .partial()
  .strict();
const newAccount = changes.extend({ name: z.string(), verifiedDomains: z.array(z.string()).optional() });
const domainInput = z.object({
  domain: z.string(),
  verified: z.boolean().default(true),
  authenticated: z.boolean().default(true),
});
const tokenInput = z.object({ clientId: z.string().default('control'), token: z.string().optional() });
const templateInput = z.object({
  accountId: z.string().optional(),
  name: z.string(),
  html: z.string().optional(),
  sections: z.record(z.string(), z.string()).optional(),
  type: z.string().optional(),
  contentType: z.string().optional(),
  active: z.boolean().optional(),
});
const automationInput = z.object({
  accountId: z.string().optional(),
  listId: z.string().optional(),
  title: z.string(),
  status: z.string().optional(),
  emails: z.number().int().optional(),
  emailsSent: z.number().optional(),
  opens: z.number().optional(),
  uniqueOpens: z.number().optional(),
  clicks: z.number().optional(),
  subscriberClicks: z.number().optional(),
});

/** Accounts, their tokens, domains, templates and automations, and the apps that may ask for access. */
export const accountControls: readonly ControlRoute[] = [
  { method: 'GET', path: '/accounts', about: 'All accounts', handle: ({ world }) => ok({ accounts: world.sim.state.accounts }) },
  {
    method: 'POST',
    path: '/accounts',
    about: 'New account: {name, email?, role?, dc?, apiEndpoint?, loginId?, proEnabled?, verifiedDomains?}',
    handle: ({ world, body }) => ok(addAccount(world.sim, readBody(newAccount, body))),
  },
  {
    method: 'PATCH',
    path: '/accounts/{account_id}',
    about: 'Change an account: role, disabled, apiEndpoint, dc, …',
    handle: (call) => {
      const account = ownAccount(call);
      Object.assign(account, readBody(changes, call.body));
      call.world.sim.changed();
      return ok(account);
    },
  },
  {
    method: 'POST',
    path: '/accounts/{account_id}/tokens',
    about: 'Issue a token without the consent page: {token?}',
    handle: (call) => {
      const { clientId, token } = readBody(tokenInput, call.body);
      return ok({ access_token: issueToken(call.world.sim, ownAccount(call).id, clientId, token) });
    },
  },
  {
    method: 'DELETE',
    path: '/accounts/{account_id}/tokens',
    about: 'Revoke all tokens, as removing the app does',
    handle: (call) => {
      const account = ownAccount(call);
      for (const token of Object.values(call.world.sim.state.tokens)) if (token.accountId === account.id) token.revoked = true;
      if (!call.world.sim.state.settings.hooksOutliveTokens) deleteHooks(call.world.sim, account);
      call.world.sim.changed();
      return noContent;
    },
  },
  {
    method: 'POST',
    path: '/accounts/{account_id}/domains',
    about: 'Add or change a sender domain: {domain, verified?, authenticated?}',
    handle: (call) => ok(addDomain(call.world.sim, ownAccount(call), readBody(domainInput, call.body))),
  },
  {
    method: 'DELETE',
    path: '/accounts/{account_id}/domains/{domain}',
    about: 'Remove a sender domain',
    handle: (call) => {
      const account = ownAccount(call);
      account.domains = account.domains.filter((domain) => domain.domain !== call.params['domain']);
      call.world.sim.changed();
      return noContent;
    },
  },
  {
    method: 'POST',
    path: '/apps',
    about: 'Register an app or change its secret: {clientId, clientSecret, redirectUris}',
    handle: ({ world, body }) => {
      const app = readBody(appRecord, body);
      world.sim.state.apps = [...world.sim.state.apps.filter((known) => known.clientId !== app.clientId), app];
      world.sim.changed();
      return ok({ clientId: app.clientId, redirectUris: app.redirectUris });
    },
  },
  {
    method: 'DELETE',
    path: '/apps',
    about: 'Forget all apps: any loopback app is welcome again',
    handle: ({ world }) => {
      world.sim.state.apps = [];
      world.sim.changed();
      return noContent;
    },
  },
  {
    method: 'POST',
    path: '/templates',
    about: 'New template: {accountId?, name, html?, sections?, type?, contentType?, active?}',
    handle: (call) => {
      const { accountId, ...input } = readBody(templateInput, call.body);
      return ok(addTemplate(call.world.sim, accountById(call, accountId), input));
    },
  },
  {
    method: 'POST',
    path: '/automations',
    about:
      'New classic automation: {accountId?, listId?, title, status?, emails?, emailsSent?, opens?, uniqueOpens?, clicks?, subscriberClicks?}',
    handle: (call) => {
      const { accountId, listId, ...input } = readBody(automationInput, call.body);
      const account = accountById(call, accountId);
      const list = listId === undefined ? listsOf(call.world.sim, account)[0] : listById(call, listId);
      return ok(addAutomation(call.world.sim, account, list ?? listById(call, listId), input));
    },
  },
];

function deleteHooks(sim: Simulation, account: Account): void {
  for (const list of listsOf(sim, account)) for (const hook of list.hooks) deleteHook(sim, list, hook);
}

const ownAccount = (call: ControlCall): Account => accountById(call, call.params['account_id'] ?? '');
