import { performSend } from '../../src/core/campaign/perform-send.ts';
import { settleDraft } from '../../src/core/campaign/settle-draft.ts';
import { settleSend } from '../../src/core/campaign/settle-send.ts';
import type { SendDeps } from '../../src/core/campaign/send-campaign.ts';
import type { HostStanding } from '../../src/core/shared/public-host.ts';
import { vendorTitle } from '../../src/core/campaign/campaign.ts';
import { NO_SETTINGS, type Settings } from '../../src/core/settings/settings.ts';
import type { Followup } from '../../src/core/sync/queue-messages.ts';
import type { Wrap } from './crashes.ts';
import { aCampaign, aConnection, anAudience, aTemplate, aTenant, TENANT } from './factories.ts';
import { fakeAudiences, fakeTemplates } from './fake-audiences.ts';
import { fakeAudit } from './fake-audit.ts';
import { fakeCampaigns, fakeContents } from './fake-campaigns.ts';
import { fakeClaims, fakeOperations } from './fake-ledger.ts';
import { fakeConnections, fakeTokens } from './fake-connections.ts';
import { followupDriver } from './fake-followups.ts';
import { fakeVendor } from './fake-platform.ts';
import { fakeSettings, fakeTenants } from './fake-settings.ts';
import { fakeSentContents } from './fake-sent-contents.ts';
import { fakeHasher, fakeSuppressions } from './fake-suppressions.ts';
import { testClock } from './test-clock.ts';
import { testLog } from './test-log.ts';
import { testMetrics } from './test-metrics.ts';

export interface CampaignWorldOptions {
  random?: () => number;
  /** A process of its own per request and per message; without it nothing ever crashes. */
  startProcess?: () => Wrap;
  settings?: Partial<Settings>;
}

/** A connected tenant with one audience, its vendor, and the consumer of the follow-ups. */
export function openCampaigns({ random, startProcess = () => (port) => port, settings = {} }: CampaignWorldOptions = {}) {
  const clock = testClock();
  const log = testLog();
  const metrics = testMetrics();
  const audit = fakeAudit();
  const vendor = fakeVendor(clock);
  const campaigns = fakeCampaigns();
  const contents = fakeContents();
  const operations = fakeOperations();
  const claims = fakeClaims();
  const connections = fakeConnections(aConnection());
  const tokens = fakeTokens({ [aConnection().tokenRef ?? '']: 'token-1' });
  const audiences = fakeAudiences(anAudience());
  const templates = fakeTemplates(aTemplate());
  const sentContents = fakeSentContents();
  const suppressions = fakeSuppressions();
  /** What the DNS knows; every other host is public. */
  const hosts = new Map<string, HostStanding>();
  const consume = (followup: Followup): Promise<void> => {
    const deps = openProcess();
    if (followup.kind === 'send') return performSend(deps, followup);
    if (followup.kind === 'settle-draft') return settleDraft(deps, followup);
    return followup.kind === 'settle-send' ? settleSend(deps, followup) : Promise.resolve();
  };
  const driver = followupDriver(clock, consume, random);

  function openProcess(): SendDeps {
    const wrap = startProcess();
    const platform = wrap(vendor.platform);
    return {
      clock,
      log,
      metrics,
      audit: wrap(audit),
      platforms: ['mailchimp'],
      openPlatform: () => platform,
      tenants: wrap(fakeTenants(aTenant())),
      settings: wrap(
        fakeSettings({
          [TENANT]: { ...NO_SETTINGS, version: 1, ...settings },
        }),
      ),
      connections: wrap(connections),
      tokens: wrap(tokens),
      audiences: wrap(audiences),
      templates: wrap(templates),
      campaigns: wrap(campaigns),
      contents: wrap(contents),
      operations: wrap(operations),
      claims: wrap(claims),
      sentContents: wrap(sentContents),
      suppressions: wrap(suppressions),
      hasher: fakeHasher,
      resolveHost: (host) => Promise.resolve(hosts.get(host) ?? 'public'),
      followups: wrap(driver),
      // Whoever waits gives the consumer its turn.
      sleep: async (ms) => {
        clock.advance(ms);
        await driver.deliverDue();
      },
    };
  }

  return {
    audit,
    clock,
    log,
    metrics,
    vendor,
    campaigns,
    contents,
    operations,
    claims,
    sentContents,
    suppressions,
    hosts,
    connections,
    tokens,
    audiences,
    templates,
    driver,
    openProcess,
  };
}
export type CampaignWorld = ReturnType<typeof openCampaigns>;

/** A draft that the vendor holds as well. */
export function putDraft(world: CampaignWorld): string {
  const campaign = aCampaign();
  const { id, subject } = campaign;
  const made = world.vendor.campaigns.create({
    title: vendorTitle(campaign),
    audienceVendorId: campaign.audienceVendorId,
    subject,
    previewText: null,
    fromName: 'Harbor Lane Bakery',
    senderEmail: 'ines@harborlane.test',
  });
  world.campaigns.records.set(id, { ...campaign, vendorId: made.vendorId });
  return id;
}
