import type { SendAnswer, VendorCampaign, VendorContent, VendorDraft } from '../../src/core/email-platform/email-platform.ts';
import { AppError } from '../../src/core/shared/app-error.ts';
import type { Clock } from '../../src/core/shared/clock.ts';
import { MINUTE } from '../../src/core/shared/clock.ts';

/** What one call of the send does, and what the caller hears. */
export type SendScript = 'accepted' | 'sent-but-unknown' | 'not-sent-but-unknown' | 'busy' | 'refused';

export interface VendorCampaignState {
  draft: VendorDraft;
  content: VendorContent | null;
  status: 'save' | 'schedule' | 'sending' | 'sent';
  sentMs: number | null;
  /** How often a mailing was really started: more than once is the disaster. */
  mailings: number;
}

export interface FakeVendorCampaigns {
  readonly held: Map<string, VendorCampaignState>;
  /** Answers of the coming sends; `accepted` when it is empty. */
  readonly script: SendScript[];
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
  putContent(id: string, content: VendorContent): void;
  readContent(id: string): string;
  send(id: string): SendAnswer;
  mailings(): number;
}

const SETTLED = { save: 'draft', schedule: 'scheduled', sending: 'sending', sent: 'sent' } as const;

/** Unlike the real one it would start a second mailing when asked twice: nothing but our own care prevents it. */
export function fakeVendorCampaigns(clock: Clock): FakeVendorCampaigns {
  const held = new Map<string, VendorCampaignState>();
  let made = 0;
  const known = (id: string): VendorCampaignState => {
    const found = held.get(id);
    if (!found) throw new AppError('vendor_rejected', 'There is no such campaign.');
    if (found.status === 'sending' && found.sentMs !== null && clock.now() >= found.sentMs) found.status = 'sent';
    return found;
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
      held.set(id, { draft, content: null, status: 'save', sentMs: null, mailings: 0 });
      return view(id);
    },
    update(id, draft) {
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
    putContent(id, content) {
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
      if (told === 'accepted' || told === 'sent-but-unknown') {
        campaign.mailings++;
        campaign.status = 'sending';
        campaign.sentMs = clock.now() + store.sendingMs;
      }
      if (told === 'accepted') return { kind: 'accepted' };
      if (told === 'busy') {
        store.busyAnswers++;
        return { kind: 'busy', vendor: null };
      }
      if (told === 'refused') return { kind: 'refused', error: new AppError('campaign_not_ready', 'Not ready.') };
      return { kind: 'unknown', vendor: null };
    },
    mailings: () => [...held.values()].reduce((sum, { mailings }) => sum + mailings, 0),
  };
  return store;
}
