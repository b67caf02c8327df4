import type { ContactIdsOf } from '../../src/core/contact/erasure.ts';
import type {
  ChecklistItem,
  Departure,
  EmailPlatform,
  VendorAudience,
  VendorAutomation,
  VendorContent,
  VendorDomain,
  VendorDraft,
  VendorHook,
  VendorReport,
  VendorTemplate,
} from '../../src/core/email-platform/email-platform.ts';
import { sha256 } from '../../src/core/shared/ids.ts';
import { AppError } from '../../src/core/shared/app-error.ts';
import { mailchimpMarkup } from '../../src/providers/mailchimp/compliance-tags.ts';
import { fakeVendorCampaigns, type FakeVendorCampaigns } from './fake-vendor-campaigns.ts';
import { SECOND, type Clock } from '../../src/core/shared/clock.ts';
import { tick } from './test-clock.ts';

export type Method = Exclude<keyof EmailPlatform, 'id' | 'markup'>;

/** One call that goes wrong: before the vendor does anything, or after it did and the answer was lost. */
export interface Fault {
  method: Method;
  error: Error;
  /** `late`: the answer is lost first, and the vendor does it a while later. */
  when?: 'before' | 'after' | 'late';
}

/** Longer than any call of ours waits, within what the vendor itself allows a call. */
const LATE_MS = 110 * SECOND;

export interface FakeVendor {
  platform: EmailPlatform;
  readonly calls: { method: Method; args: readonly unknown[] }[];
  readonly faults: Fault[];
  /** What goes wrong with a call for which no fault is laid out. */
  chaos: (method: Method) => Omit<Fault, 'method'> | undefined;
  readonly campaigns: FakeVendorCampaigns;
  audiences: VendorAudience[];
  templates: VendorTemplate[];
  domains: VendorDomain[] | null;
  checklist: { ready: boolean; items: ChecklistItem[] };
  reports: VendorReport[];
  unreadableReports: number;
  automations: VendorAutomation[];
  readonly hooks: Map<string, VendorHook[]>;
  departures: Departure[];
  /** Who is in an audience, by the audience's id. */
  readonly members: Map<string, Set<string>>;
  /** Who is subscribed, whatever the audience; told two at a time, in order, with the last one told as the cursor. */
  readonly subscribers: string[];
  signingSecret: string | null;
  /** Rows to a page of reports and departures. */
  pageSize: number;
  /** Told of each call. */
  onCall: (() => void) | undefined;
  count(method: Method): number;
}

export const aVendorAudience = (change: Partial<VendorAudience> = {}): VendorAudience => ({
  vendorId: 'c3a91f02be',
  name: 'Regulars',
  subscriberCount: 120,
  unsubscribedCount: 3,
  cleanedCount: 1,
  createdAt: null,
  lastSentAt: null,
  ...change,
});

/** Nobody can read the address from it. */
export const fakeContactIdsOf: ContactIdsOf = (_platform, email) => [sha256(email.trim().toLowerCase())];

/** The vendor as a model: everything it holds can be looked at, every call can be made to fail. */
export function fakeVendor(clock: Clock): FakeVendor {
  const campaigns = fakeVendorCampaigns(clock);
  const vendor: Omit<FakeVendor, 'platform'> = {
    calls: [],
    faults: [],
    chaos: () => undefined,
    campaigns,
    audiences: [aVendorAudience()],
    templates: [],
    domains: [{ domain: 'harborlane.test', verification: 'done', authenticated: true, freeMail: false }],
    checklist: { ready: true, items: [] },
    reports: [],
    unreadableReports: 0,
    automations: [],
    hooks: new Map(),
    departures: [],
    members: new Map(),
    subscribers: [],
    signingSecret: null,
    pageSize: 1_000,
    onCall: undefined,
    count: (method) => vendor.calls.filter((call) => call.method === method).length,
  };
  let made = 0;
  const late: { dueMs: number; work: () => void }[] = [];
  const quietly = (work: () => unknown): void => {
    try {
      work();
    } catch {
      // Nobody hears a refusal that comes late.
    }
  };

  async function answer<T>(method: Method, args: readonly unknown[], work: () => T): Promise<T> {
    vendor.calls.push({ method, args });
    vendor.onCall?.();
    const index = vendor.faults.findIndex((fault) => fault.method === method);
    const fault = index < 0 ? vendor.chaos(method) : vendor.faults.splice(index, 1)[0];
    await tick();
    for (const { work: happens } of late.splice(0, late.findLastIndex(({ dueMs }) => dueMs <= clock.now()) + 1)) happens();
    if (fault?.when === 'late') late.push({ dueMs: clock.now() + LATE_MS, work: () => quietly(work) });
    if (fault && fault.when !== 'after') throw fault.error;
    const result = work();
    await tick();
    if (fault) throw fault.error;
    return result;
  }

  const hooksOf = (audience: string): VendorHook[] => vendor.hooks.get(audience) ?? [];
  const platform: EmailPlatform = {
    id: 'mailchimp',
    markup: mailchimpMarkup,
    verify: () => answer('verify', [], () => undefined),
    readAudiences: () => answer('readAudiences', [], () => structuredClone(vendor.audiences)),
    readAudience: (id) =>
      answer('readAudience', [id], () => {
        const found = vendor.audiences.find(({ vendorId }) => vendorId === id);
        if (!found) throw new AppError('list_not_found', 'Mailchimp has no such audience.');
        return found;
      }),
    readTemplates: () => answer('readTemplates', [], () => vendor.templates),
    readDomains: () => answer('readDomains', [], () => vendor.domains),
    createCampaign: (draft: VendorDraft) => answer('createCampaign', [draft], () => campaigns.create(draft)),
    findCampaigns: (operationId) => answer('findCampaigns', [operationId], () => campaigns.find(operationId)),
    updateCampaign: (id, draft) => answer('updateCampaign', [id, draft], () => campaigns.update(id, draft)),
    putContent: (id, content: VendorContent) => answer('putContent', [id, content], () => campaigns.putContent(id, content)),
    readContent: (id) => answer('readContent', [id], () => campaigns.readContent(id)),
    readCampaign: (id) => answer('readCampaign', [id], () => campaigns.view(id)),
    readUnsentCampaigns: () => answer('readUnsentCampaigns', [], () => campaigns.unsent()),
    readChecklist: (id) => answer('readChecklist', [id], () => vendor.checklist),
    unscheduleCampaign: (id) => answer('unscheduleCampaign', [id], () => campaigns.unschedule(id)),
    sendCampaign: (id) => answer('sendCampaign', [id], () => campaigns.send(id)),
    sendTest: (id, emails) => answer('sendTest', [id, emails], () => undefined),
    deleteCampaign: (id) => answer('deleteCampaign', [id], () => campaigns.remove(id)),
    async *readReports(from) {
      for (let offset = from; ;) {
        const page = await answer('readReports', [offset], () => ({
          reports: vendor.reports.slice(offset, offset + vendor.pageSize),
          unreadable: offset === 0 ? vendor.unreadableReports : 0,
          total: vendor.reports.length + vendor.unreadableReports,
        }));
        yield page;
        offset += page.reports.length + page.unreadable;
        if (page.reports.length === 0 || offset >= page.total) return;
      }
    },
    readAutomations: () => answer('readAutomations', [], () => vendor.automations),
    listHooks: (audience) => answer('listHooks', [audience], () => [...hooksOf(audience)]),
    createHook: (audience, url) =>
      answer('createHook', [audience, url], () => {
        const hook = { vendorId: `made-${++made}`, url, signed: vendor.signingSecret !== null, flagsRight: true };
        vendor.hooks.set(audience, [...hooksOf(audience), hook]);
        return { vendorId: hook.vendorId, signingSecret: vendor.signingSecret };
      }),
    updateHook: (audience, id) =>
      answer('updateHook', [audience, id], () => {
        vendor.hooks.set(
          audience,
          hooksOf(audience).map((hook) => (hook.vendorId === id ? { ...hook, flagsRight: true } : hook)),
        );
      }),
    deleteHook: (audience, id) =>
      answer('deleteHook', [audience, id], () => {
        vendor.hooks.set(
          audience,
          hooksOf(audience).filter(({ vendorId }) => vendorId !== id),
        );
      }),
    async *readDepartures(audience, kind, given, mayGoOn = () => true) {
      for (let [cursor, total] = [given, 0]; ;) {
        const from = cursor;
        const { departures, behind } = await answer('readDepartures', [audience, kind, from], () => {
          const left = vendor.departures.filter((one) => one.kind === kind && (from === null || one.at > from));
          return { departures: left.slice(0, vendor.pageSize), behind: left.length };
        });
        total = Math.max(total, behind);
        cursor = departures.at(-1)?.at ?? cursor;
        yield { departures, cursor, total };
        if (departures.length === behind || !mayGoOn()) return;
      }
    },
    async *readSubscribers(audience, cursor, order) {
      const isBehind = (email: string, after: string | null): boolean =>
        after === null || (order === 'oldest_first' ? email > after : email < after);
      for (let after = cursor; ;) {
        const page = await answer('readSubscribers', [audience, after], () => {
          if (!vendor.audiences.some(({ vendorId }) => vendorId === audience))
            throw new AppError('list_not_found', 'Mailchimp has no such audience.');
          const rest = vendor.subscribers.filter((email) => isBehind(email, after)).sort();
          if (order === 'newest_first') rest.reverse();
          return { emails: rest.slice(0, 2), total: after === cursor ? rest.length : 0, isLast: rest.length <= 2 };
        });
        after = page.emails.at(-1) ?? after;
        const people = page.emails.map((email) => ({ vendorId: `id of ${email}`, email }));
        yield { people, total: page.total, cursor: page.isLast ? null : after };
        if (page.isLast) return;
      }
    },
    unsubscribeContact: (audience, memberId) =>
      answer('unsubscribeContact', [audience, memberId.replace('id of ', '')], () => {
        const index = vendor.subscribers.findIndex((email) => `id of ${email}` === memberId);
        if (index >= 0) vendor.subscribers.splice(index, 1);
        return index >= 0;
      }),
    eraseContact: (audience, contactId) =>
      answer('eraseContact', [audience, contactId], () => {
        const members = vendor.members.get(audience) ?? new Set();
        return [...members].some((email) => sha256(email) === contactId && members.delete(email));
      }),
  };
  return Object.assign(vendor, { platform });
}
