import type { VendorNumbers } from '../report/report.ts';
import type { AppError, VendorProblem } from '../shared/app-error.ts';
import type { ErrorCode } from '../shared/errors.ts';
import type { PlatformId } from '../shared/platform-id.ts';

export interface VendorAudience {
  vendorId: string;
  name: string;
  subscriberCount: number | null;
  unsubscribedCount: number | null;
  cleanedCount: number | null;
  createdAt: string | null;
  lastSentAt: string | null;
}

export interface VendorTemplate {
  vendorId: string;
  name: string;
  type: string;
  createdAt: string | null;
}

export interface VendorDomain {
  domain: string;
  /** Whether somebody proved to read mail there: `pending` while a code waits to be entered. */
  verification: 'done' | 'pending' | 'expired' | 'none';
  /** DKIM is in its DNS. */
  authenticated: boolean;
  freeMail: boolean;
}

export interface VendorDraft {
  /** Begins with `op:` and our operation's id: the only handle by which a lost create is found again. */
  title: string;
  audienceVendorId: string;
  subject: string;
  previewText: string | null;
  fromName: string;
  senderEmail: string;
}

export type VendorContent = { html: string } | { templateVendorId: string };

export interface VendorCampaign {
  vendorId: string;
  title: string;
  /** The vendor's own word. `settled` is what it means to us. */
  vendorStatus: string;
  settled: 'draft' | 'scheduled' | 'sending' | 'sent' | 'canceled' | 'other';
  archiveUrl: string | null;
  sentAt: string | null;
}

export interface ChecklistItem {
  level: 'success' | 'warning' | 'error';
  heading: string;
  details: string;
}
export interface Checklist {
  ready: boolean;
  items: ChecklistItem[];
}

/** Counts as the vendor gives them; what it leaves out is `null`. */
export interface VendorReport {
  campaignVendorId: string;
  audienceVendorId: string;
  subject: string;
  sentAt: string | null;
  type: string;
  emailsSent: number | null;
  hardBounces: number | null;
  softBounces: number | null;
  syntaxErrors: number | null;
  opens: number | null;
  opensExcludingProxy: number | null;
  uniqueOpens: number | null;
  uniqueOpensExcludingProxy: number | null;
  clicks: number | null;
  uniqueClicks: number | null;
  unsubscribes: number | null;
  spamComplaints: number | null;
  /** The same in the vendor's words. No rates, no links, no addresses. */
  raw: VendorNumbers;
}

export interface VendorAutomation {
  vendorId: string;
  name: string;
  status: string;
  emailsSent: number | null;
  opens: number | null;
  uniqueOpens: number | null;
  clicks: number | null;
  uniqueClicks: number | null;
}

export interface VendorHook {
  vendorId: string;
  url: string;
  /** `null` when the vendor does not tell. */
  signed: boolean | null;
  /** Whether its events and sources are the ones we register. */
  flagsRight: boolean;
}

export const DEPARTURE_KINDS = ['unsubscribe', 'bounce', 'complaint'] as const;
export type DepartureKind = (typeof DEPARTURE_KINDS)[number];

/** One person who left, as a sync reads them. */
export interface Departure {
  email: string;
  kind: DepartureKind;
  campaignVendorId: string | null;
  at: string;
  vendorReason: string | null;
}

/** Where the next read of one list and kind begins; `null` means from the start. Opaque outside the provider. */
export type DepartureCursor = string | null;

export interface DeparturePage {
  departures: Departure[];
  /** Safe to store once these departures are. */
  cursor: DepartureCursor;
}

/** By the time of the last change. */
export type SubscriberOrder = 'oldest_first' | 'newest_first';

export interface Subscriber {
  /** The vendor's id of this person in this audience. */
  vendorId: string;
  /** As the vendor spells it. */
  email: string;
}

/** Some of the people who would be mailed. */
export interface SubscriberPage {
  people: Subscriber[];
  /** Where to go on once these are dealt with; `null` on the last page. Opaque outside the provider. */
  cursor: string | null;
  /** The vendor's count, on the first page; 0 on the others. */
  total: number;
}

/** What the law asks for in a mail. */
export type Obligation = 'unsubscribe_link' | 'postal_address';

/** What the platform makes of HTML, told without a call. */
export interface Markup {
  /** The document with what the law asks for, and what of it was missing: that is what `putContent` stores. */
  complete(html: string): { html: string; added: Obligation[] };
  /** Where the first word stands that the platform replaces when it sends, or -1. */
  mergeTagAt(text: string): number;
}

/**
 * What the service asks of any e-mail platform, in our words. Every method has a time-out, pages to the end, and
 * repeats only what is safe to repeat. All throw `AppError`: `invalid_token` and `account_disabled` when the
 * connection is dead, `api_endpoint_error` with the vendor's 401 when it refuses a token that it calls valid, `vendor_rate_limited` and `vendor_unavailable` when later may help, `vendor_rejected` otherwise.
 */
export interface EmailPlatform {
  readonly id: PlatformId;
  readonly markup: Markup;
  /** The cheapest call that shows whether the connection works. */
  verify(): Promise<void>;
  readAudiences(): Promise<VendorAudience[]>;
  /** @throws AppError `list_not_found` */
  readAudience(vendorId: string): Promise<VendorAudience>;
  readTemplates(): Promise<VendorTemplate[]>;
  /** `null` when the vendor does not tell. */
  readDomains(): Promise<VendorDomain[] | null>;

  /** Not repeated by itself: a lost answer is settled with `findCampaigns`. */
  createCampaign(draft: VendorDraft): Promise<VendorCampaign>;
  /** All whose title names the operation, in any state, the first made first. @param operationId a ULID, whose time bounds the search */
  findCampaigns(operationId: string): Promise<VendorCampaign[]>;
  updateCampaign(vendorId: string, draft: VendorDraft): Promise<VendorCampaign>;
  putContent(vendorId: string, content: VendorContent): Promise<void>;
  readContent(vendorId: string): Promise<string>;
  /** `undefined` when the vendor has no such campaign (any more). */
  readCampaign(vendorId: string): Promise<VendorCampaign | undefined>;
  /** All campaigns that are not sent, for noticing what happened to drafts. */
  readUnsentCampaigns(): Promise<VendorCampaign[]>;
  readChecklist(vendorId: string): Promise<Checklist>;
  /** Takes a planned sending back, so that the campaign is a draft again. */
  unscheduleCampaign(vendorId: string): Promise<void>;
  /** Called once per claim and never repeated. Whatever is not a clear answer leaves the outcome unknown. */
  sendCampaign(vendorId: string): Promise<SendAnswer>;
  sendTest(vendorId: string, emails: readonly string[]): Promise<void>;
  /** Deleting what is gone already is a success. */
  deleteCampaign(vendorId: string): Promise<void>;

  /**
   * Pages of at most 1,000 reports with full numbers, from the `offset`th on; `total` is the vendor's count. An odd field is `null`; `unreadable`
   * counts reports of the page that belong to no campaign anyone can name.
   */
  readReports(offset: number): AsyncIterable<{ reports: VendorReport[]; unreadable: number; total: number }>;
  readAutomations(): Promise<VendorAutomation[]>;

  listHooks(audienceVendorId: string): Promise<VendorHook[]>;
  /** The vendor calls the URL before it answers. @returns the signing secret, `null` for an unsigned hook */
  createHook(audienceVendorId: string, url: string): Promise<{ vendorId: string; signingSecret: string | null }>;
  /** Sends the events and sources we register again, which also wakes a hook that the vendor disabled. */
  updateHook(audienceVendorId: string, hookVendorId: string): Promise<void>;
  deleteHook(audienceVendorId: string, hookVendorId: string): Promise<void>;

  /**
   * Who has left, since a cursor. @param mayGoOn asked before a call for another page is begun: once it says no, what is under
   * way is told and the read ends where it is. Told `true` within what can only be read in one go
   */
  readDepartures(
    audienceVendorId: string,
    kind: Departure['kind'],
    cursor: DepartureCursor,
    mayGoOn?: (inOneGo?: boolean) => boolean,
  ): AsyncIterable<DeparturePage & { total: number }>;
  /** Everybody who would be mailed, in pages of at most 1,000. Somebody who changes meanwhile may be on two. */
  readSubscribers(audienceVendorId: string, cursor: string | null, order: SubscriberOrder): AsyncIterable<SubscriberPage>;
  /**
   * Unsubscribes somebody who is subscribed in one audience; anybody else is left as they are. Two calls.
   * @returns whether the person was subscribed
   * @throws AppError `vendor_rejected` also when the vendor does not find the person
   */
  unsubscribeContact(audienceVendorId: string, memberVendorId: string): Promise<boolean>;
  /** Permanent deletion of a person in one audience, by the platform's id of the person. @returns whether they were there */
  eraseContact(audienceVendorId: string, contactId: string): Promise<boolean>;
}

/** `busy` is proof that nothing was taken; `refused` is a clear no; `unknown` is everything else. With the vendor's own words. */
export type SendAnswer =
  | { kind: 'accepted' }
  | { kind: 'busy'; vendor: VendorProblem | null }
  /** `code`: what it would mean if the read-back shows that nothing was sent. */
  | { kind: 'unknown'; vendor: VendorProblem | null; code: ErrorCode | null }
  | { kind: 'refused'; error: AppError };

export interface VendorAccount {
  accountId: string;
  accountName: string;
  /** The person at the vendor whose call limit is shared: Mailchimp's `login_id`. */
  vendorUser: string;
  apiEndpoint: string;
}

/** How a tenant's consent becomes a token. One implementation per platform that connects by OAuth. */
export interface OAuthPlatform {
  readonly id: PlatformId;
  /** @param request `codeChallenge` by the method S256 (RFC 7636), `null` to send none */
  authorizeUrl(request: { state: string; redirectUri: string; codeChallenge: string | null }): Promise<string>;
  /** @returns the access token. @throws AppError `connection_failed` */
  exchangeCode(request: { code: string; redirectUri: string; codeVerifier: string | null }): Promise<string>;
  /** @throws AppError `connection_failed`, `api_endpoint_error` */
  readAccount(token: string): Promise<VendorAccount>;
}
