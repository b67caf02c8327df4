import type { ConnectDeps } from '../../src/core/connection/connect.ts';
import type { DisconnectDeps } from '../../src/core/connection/disconnect.ts';
import type { Connection } from '../../src/core/connection/connection.ts';
import { probeConnection } from '../../src/core/connection/probe-connection.ts';
import { catchUp } from '../../src/core/sync/catch-up.ts';
import { tidyToken } from '../../src/core/connection/tidy-token.ts';
import type { OAuthPlatform, VendorAccount } from '../../src/core/email-platform/email-platform.ts';
import type { Followup } from '../../src/core/sync/queue-messages.ts';
import type { AppError } from '../../src/core/shared/app-error.ts';
import type { Wrap } from './crashes.ts';
import { fakeAudit } from './fake-audit.ts';
import { fakeAudiences, fakeAutomations, fakeTemplates } from './fake-audiences.ts';
import { ACCOUNT, aConnection, anAudience, aTemplate } from './factories.ts';
import { fakeConnections, fakeSessions, fakeTokens } from './fake-connections.ts';
import { followupDriver } from './fake-followups.ts';
import { fakeHookActivity, fakeHooks } from './fake-hooks.ts';
import { fakeVendor } from './fake-platform.ts';
import { fakeRuns, fakeSyncQueue } from './fake-syncs.ts';
import { fakeUntold } from './fake-untold.ts';
import { testClock, tick } from './test-clock.ts';
import { testLog } from './test-log.ts';
import { testMetrics } from './test-metrics.ts';

export const RETURN_URL = 'https://app.illixis.test/settings/integrations';
export const CONFIG = {
  publicBaseUrl: 'https://api.illixis.test',
  deploymentId: '0a1b2c3d4e',
  webhookPath: '/marketing-automation/webhooks/mailchimp',
  returnUrls: [RETURN_URL],
  pkce: true,
};

export interface FakeOAuth extends OAuthPlatform {
  account: VendorAccount;
  /** Codes that were exchanged, and the tokens they gave. */
  readonly exchanged: { code: string; redirectUri: string; codeVerifier: string | null }[];
  /** Challenges that went along with the consent. */
  readonly challenges: (string | null)[];
  failWith: AppError | undefined;
}

export function fakeOAuth(): FakeOAuth {
  const oauth: FakeOAuth = {
    id: 'mailchimp',
    account: {
      accountId: ACCOUNT,
      accountName: 'Harbor Lane Bakery',
      vendorUser: 'mailchimp-309914207',
      apiEndpoint: 'https://us7.api.mailchimp.com',
    },
    exchanged: [],
    challenges: [],
    failWith: undefined,
    async authorizeUrl({ state, redirectUri, codeChallenge }) {
      await tick();
      oauth.challenges.push(codeChallenge);
      return `https://login.test/oauth2/authorize?${new URLSearchParams({ state, redirect_uri: redirectUri }).toString()}`;
    },
    async exchangeCode(request) {
      await tick();
      if (oauth.failWith) throw oauth.failWith;
      oauth.exchanged.push(request);
      return `token-of-${request.code}`;
    },
    async readAccount() {
      await tick();
      if (oauth.failWith) throw oauth.failWith;
      return oauth.account;
    },
  };
  return oauth;
}

/** Everything that connecting and disconnecting touch, in memory. */
export function openConnections(present?: Connection, random: () => number = () => 0.99) {
  const clock = testClock();
  const followups = followupDriver(clock, (followup) => world.onFollowup(followup), random);
  const world = {
    clock,
    followups,
    log: testLog(),
    metrics: testMetrics(),
    oauth: fakeOAuth(),
    vendor: fakeVendor(clock),
    sessions: fakeSessions(),
    connections: present ? fakeConnections(present) : fakeConnections(),
    tokens: fakeTokens(present?.tokenRef ? { [present.tokenRef]: 'token-1' } : {}),
    hooks: fakeHooks(),
    hookActivity: fakeHookActivity(clock),
    untold: fakeUntold(),
    audit: fakeAudit(),
    audiences: fakeAudiences(),
    templates: fakeTemplates(),
    automations: fakeAutomations(),
    runs: fakeRuns(),
    syncQueue: fakeSyncQueue(),
    /** The consumer of the follow-ups. */
    onFollowup: async (followup: Followup): Promise<void> => {
      const deps = { ...world, openPlatform: () => world.vendor.platform };
      if (followup.kind === 'tidy-token') await tidyToken(deps, followup);
      if (followup.kind === 'catch-up') await catchUp(deps, followup);
      if (followup.kind === 'probe-connection') await probeConnection(deps, followup);
    },
  };
  const connectDeps: ConnectDeps = { ...world, oauth: () => world.oauth, config: CONFIG };
  return Object.assign(world, { connectDeps });
}
export type ConnectionWorld = ReturnType<typeof openConnections>;

/** A connected tenant with an audience, a template, a cursor and something at the vendor. */
export function openConnected(): ConnectionWorld {
  const world = openConnections(aConnection());
  world.audiences.records = [anAudience()];
  world.templates.held.records = [aTemplate()];
  world.runs.cursors.set(`${aConnection().tenantId}/suppressions/x`, 'somewhere');
  return world;
}

export const disconnectDeps = (world: ConnectionWorld, wrap: Wrap = (port) => port): DisconnectDeps => ({
  clock: world.clock,
  log: world.log,
  metrics: world.metrics,
  config: CONFIG,
  openPlatform: () => wrap(world.vendor.platform),
  followups: wrap(world.followups),
  audit: wrap(world.audit),
  connections: wrap(world.connections),
  tokens: wrap(world.tokens),
  hooks: wrap(world.hooks),
  audiences: wrap(world.audiences),
  templates: wrap(world.templates),
  automations: wrap(world.automations),
  runs: wrap(world.runs),
});
