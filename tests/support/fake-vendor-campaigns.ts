import type { SendAnswer, VendorCampaign, VendorContent, VendorDraft } from '../../src/core/email-platform/email-platform.ts';
import { AppError } from '../../src/core/shared/app-error.ts';
import type { Clock } from '../../src/core/shared/clock.ts';
import { MINUTE } from '../../src/core/shared/clock.ts';

/** What one call of the send does, and what the caller hears. */
export type SendScript = 'accepted' | 'sent-but-unknown' | 'not-sent-but-unknown' | 'busy' | 'refused';

export interface VendorCampaignState {
  draft: VendorDraft;
  content: VendorContent | null;
  status: 'save' | 'schedule' | 'sending' | 'sent' | 'canceled' | 'archived';
  sentMs: number | null;
  /** How often a mailing was really started: more than once is the disaster. */
  mailings: number;
  /** What people got. */
  mailed: { draft: VendorDraft; content: VendorContent | null; bySomebodyElse: boolean } | null;
  /** When a planned sending begins, ms since the epoch. */
  plannedMs: number | null;
}

/** What somebody does in the vendor's own application. */
export type Deed = 'send' | 'schedule' | 'cancel' | 'delete';

export interface FakeVendorCampaigns {
  readonly held: Map<string, VendorCampaignState>;
  /** Answers of the coming sends; `accepted` when it is empty. */
  readonly script: SendScript[];
  /** Whether it refuses, like the real one, what a campaign's state does not allow. */
  strict: boolean;
  /** Somebody acts in the dashboard; what the state does not allow does not happen. */
  dashboard(id: string, deed: Deed): void;
  /** How long a mailing takes. */
  sendingMs: number;
  sendCalls: number;
  busyAnswers: number;
  create(draft: VendorDraft): VendorCampaign;
  update(id: string, draft: VendorDraft): VendorCampaign;
  find(operationId: string): VendorCampaign[];
  unschedule(id: string): void;
  view(id: string): VendorCampaign | undefined;
  unsent(): VendorCampaign[];
  remove(id: string): void;
  putContent(id: string, content: VendorContent): void;
  readContent(id: string): string;
  send(id: string): SendAnswer;
  mailings(): number;
}

const SETTLED = {
  save: 'draft',
  schedule: 'scheduled',
  sending: 'sending',
  sent: 'sent',
  canceled: 'canceled',
  archived: 'other',
} as const;
const PLANNED_MS = 5 * MINUTE;

/** Unlike the real one it would start a second mailing when asked twice: nothing but our own care prevents it. */
export function fakeVendorCampaigns(clock: Clock): FakeVendorCampaigns {
  const held = new Map<string, VendorCampaignState>();
  let made = 0;
  const known = (id: string): VendorCampaignState => {
    const found = held.get(id);
    if (!found) throw new AppError('vendor_rejected', 'There is no such campaign.');
    if (found.status === 'schedule' && found.plannedMs !== null && clock.now() >= found.plannedMs) mail(found, true);
    if (found.status === 'sending' && found.sentMs !== null && clock.now() >= found.sentMs) found.status = 'sent';
    return found;
  };
  function mail(campaign: VendorCampaignState, bySomebodyElse: boolean): void {
    campaign.mailings++;
    campaign.status = 'sending';
    campaign.sentMs = clock.now() + store.sendingMs;
    campaign.mailed = { draft: campaign.draft, content: campaign.content, bySomebodyElse };
  }
  const refuse = (): never => {
    throw new AppError('vendor_rejected', 'The state of the campaign does not allow that.');
  };
  const view = (id: string): VendorCampaign => {
    const { draft, status, sentMs } = known(id);
    return {
      vendorId: id,
      title: draft.title,
      vendorStatus: status,
      settled: SETTLED[status],
      archiveUrl: null,
      sentAt: status === 'sent' && sentMs !== null ? new Date(sentMs).toISOString() : null,
    };
  };
  const all = (): VendorCampaign[] => [...held.keys()].map(view);
  const store: FakeVendorCampaigns = {
    held,
    script: [],
    sendingMs: 2 * MINUTE,
    sendCalls: 0,
    busyAnswers: 0,
    create(draft) {
      const id = `vc${++made}`;
      held.set(id, { draft, content: null, status: 'save', sentMs: null, mailings: 0, mailed: null, plannedMs: null });
      return view(id);
    },
    strict: false,
    update(id, draft) {
      if (store.strict && known(id).status !== 'save') refuse();
      known(id).draft = draft;
      return view(id);
    },
    find: (operationId) => all().filter(({ title }) => title.startsWith(`op:${operationId}`)),
    unschedule(id) {
      if (known(id).status !== 'schedule') throw new AppError('vendor_rejected', 'It is not scheduled.');
      known(id).status = 'save';
    },
    view: (id) => (held.has(id) ? view(id) : undefined),
    unsent: () => all().filter(({ settled }) => settled === 'draft' || settled === 'scheduled'),
    remove(id) {
      if (store.strict && held.has(id) && known(id).status === 'sending') refuse();
      held.delete(id);
    },
    dashboard(id, deed) {
      const campaign = held.has(id) ? known(id) : undefined;
      if (campaign?.status === 'sending' && deed === 'cancel') campaign.status = 'canceled';
      if (campaign?.status !== 'save') return;
      if (deed === 'delete') held.delete(id);
      if (deed === 'send') mail(campaign, true);
      if (deed === 'schedule') Object.assign(campaign, { status: 'schedule', plannedMs: clock.now() + PLANNED_MS });
    },
    putContent(id, content) {
      if (store.strict && known(id).status !== 'save') refuse();
      known(id).content = content;
    },
    readContent(id) {
      const { content } = known(id);
      return content && 'html' in content ? content.html : '';
    },
    send(id) {
      const campaign = known(id);
      store.sendCalls++;
      const told = store.script.shift() ?? 'accepted';
      if (store.strict && campaign.status !== 'save')
        return { kind: 'refused', error: new AppError('vendor_rejected', 'Cannot send it in this state.') };
      if (told === 'accepted' || told === 'sent-but-unknown') mail(campaign, false);
      if (told === 'accepted') return { kind: 'accepted' };
      if (told === 'busy') {
        store.busyAnswers++;
        return { kind: 'busy', vendor: null };
      }
      if (told === 'refused') return { kind: 'refused', error: new AppError('campaign_not_ready', 'Not ready.') };
      return { kind: 'unknown', vendor: null, code: null };
    },
    mailings: () => [...held.values()].reduce((sum, { mailings }) => sum + mailings, 0),
  };
  return store;
}
