import type { EmailPlatform, OAuthPlatform, Subscriber, VendorDraft } from '../../../src/core/email-platform/email-platform.ts';
import { bareId, newId } from '../../../src/core/shared/ids.ts';
import { openMailchimpOAuth } from '../../../src/providers/mailchimp/mailchimp-oauth.ts';
import { openMailchimp } from '../../../src/providers/mailchimp/mailchimp-platform.ts';
import { call, type Opened, type TestClock } from '../open-simulator.ts';

/** A call of every method of a port, in an order in which all can succeed. */
type Calls<Port> = {
  readonly [Name in keyof Port as Port[Name] extends (...args: never[]) => unknown ? Name : never]: () => Promise<unknown>;
};

const hostsOf = ({ url }: Opened): { loginUrl: string; apiHostOverride: string } => ({ loginUrl: url, apiHostOverride: url });

/** The service's own client of Mailchimp, aimed at the simulator. */
export const openPlatform = (opened: Opened, clock: TestClock): EmailPlatform =>
  openMailchimp({
    platform: 'mailchimp',
    token: opened.token,
    apiEndpoint: 'https://us7.api.mailchimp.com',
    lane: 'sync',
    until: Infinity,
    clock,
    hosts: hostsOf(opened),
    onRefused: () => undefined,
    onEndpointMoved: () => Promise.resolve(),
  });

/** How the service's own client signs in, at the simulator. */
export const openOAuth = (opened: Opened, clock: TestClock): OAuthPlatform =>
  openMailchimpOAuth({
    clock,
    hosts: hostsOf(opened),
    app: () => Promise.resolve({ clientId: 'service', clientSecret: 'secret' }),
  });

const drained = async <T>(pages: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = [];
  for await (const page of pages) all.push(page);
  return all;
};

const HTML = '<html><body><p>Rye</p><a href="*|UNSUB|*">leave</a> *|HTML:LIST_ADDRESS_HTML|*</body></html>';

/** @param hookUrl answers the vendor's validation call */
export function platformCalls(platform: EmailPlatform, opened: Opened, clock: TestClock, hookUrl: string): Calls<EmailPlatform> {
  const { listId } = opened;
  const operationId = bareId(newId('campaign', clock.now()));
  let campaignId = '';
  let templateId = '';
  let hookId = '';
  let people: Subscriber[] = [];
  const draft: VendorDraft = {
    title: `op:${operationId} rye`,
    audienceVendorId: listId,
    subject: 'Rye',
    previewText: null,
    fromName: 'Harbor Lane',
    senderEmail: 'hello@harborlane.test',
  };
  const person = (index: number): string => people[index]?.vendorId ?? '';
  return {
    verify: () => platform.verify(),
    readAudiences: () => platform.readAudiences(),
    readAudience: () => platform.readAudience(listId),
    readTemplates: async () => {
      const [template] = await platform.readTemplates();
      templateId = template?.vendorId ?? '';
    },
    readDomains: () => platform.readDomains(),
    createCampaign: async () => {
      campaignId = (await platform.createCampaign(draft)).vendorId;
    },
    findCampaigns: () => platform.findCampaigns(operationId),
    updateCampaign: () => platform.updateCampaign(campaignId, { ...draft, previewText: 'Still warm' }),
    putContent: async () => {
      await platform.putContent(campaignId, { templateVendorId: templateId });
      await platform.putContent(campaignId, { html: HTML });
    },
    readContent: () => platform.readContent(campaignId),
    readCampaign: () => platform.readCampaign(campaignId),
    readUnsentCampaigns: () => platform.readUnsentCampaigns(),
    readChecklist: () => platform.readChecklist(campaignId),
    sendTest: () => platform.sendTest(campaignId, ['ines@harborlane.test']),
    unscheduleCampaign: async () => {
      const schedule_time = new Date(Math.ceil(clock.now() / 900_000 + 1) * 900_000).toISOString();
      await opened.api('POST', `/campaigns/${campaignId}/actions/schedule`, { schedule_time });
      await platform.unscheduleCampaign(campaignId);
    },
    deleteCampaign: async () => platform.deleteCampaign((await platform.createCampaign(draft)).vendorId),
    sendCampaign: async () => {
      const answer = await platform.sendCampaign(campaignId);
      if (answer.kind !== 'accepted') throw new Error(`The campaign was not sent: ${answer.kind}`);
      clock.advance(3_600_000);
    },
    readReports: () => drained(platform.readReports(0)),
    readAutomations: () => platform.readAutomations(),
    createHook: async () => {
      hookId = (await platform.createHook(listId, hookUrl)).vendorId;
    },
    listHooks: () => platform.listHooks(listId),
    updateHook: () => platform.updateHook(listId, hookId),
    deleteHook: () => platform.deleteHook(listId, hookId),
    readSubscribers: async () => {
      for (const order of ['oldest_first', 'newest_first'] as const) {
        people = (await drained(platform.readSubscribers(listId, null, order))).flatMap((page) => page.people);
      }
    },
    unsubscribeContact: () => platform.unsubscribeContact(listId, person(0)),
    eraseContact: () => platform.eraseContact(listId, person(1)),
    readDepartures: async () => {
      for (const kind of ['unsubscribe', 'bounce', 'complaint'] as const) {
        const pages = await drained(platform.readDepartures(listId, kind, null));
        await drained(platform.readDepartures(listId, kind, pages.at(-1)?.cursor ?? null));
      }
    },
  };
}

export function oauthCalls(oauth: OAuthPlatform): Calls<OAuthPlatform> {
  const redirectUri = 'http://127.0.0.1:9/callback';
  let code = '';
  let token = '';
  return {
    authorizeUrl: async () => {
      const url = new URL(await oauth.authorizeUrl({ state: 's', redirectUri, codeChallenge: null }));
      const asked = new URLSearchParams([...url.searchParams, ['decision', 'approve']]);
      const back = await call('POST', `${url.origin}${url.pathname}`, asked);
      code = new URL(back.headers.get('location') ?? '').searchParams.get('code') ?? '';
    },
    exchangeCode: async () => {
      token = await oauth.exchangeCode({ code, redirectUri, codeVerifier: null });
    },
    readAccount: () => oauth.readAccount(token),
  };
}
