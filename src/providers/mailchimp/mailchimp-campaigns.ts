import type * as z from 'zod';
import type { EmailPlatform, VendorCampaign, VendorDraft } from '../../core/email-platform/email-platform.ts';
import { AppError, isAppError } from '../../core/shared/app-error.ts';
import { HOUR, toIso } from '../../core/shared/clock.ts';
import { timeOfId } from '../../core/shared/ids.ts';
import { withoutAddresses } from '../../core/shared/without-addresses.ts';
import { to } from './address.ts';
import { ensureComplianceTags } from './compliance-tags.ts';
import { fieldsOf } from './fields-of.ts';
import type { MailchimpClient } from './mailchimp-client.ts';
import { classify, isVendorStatus, toAppError, toVendorProblem, type MailchimpAnswer } from './mailchimp-errors.ts';
import { campaignAnswer, campaignsAnswer, checklistAnswer, contentAnswer } from './mailchimp-schemas.ts';
import { readAll } from './read-pages.ts';

const PAGE_FIELDS = fieldsOf(campaignsAnswer);
const CONTENT_FIELDS = fieldsOf(contentAnswer);

const SETTLED: Record<string, VendorCampaign['settled']> = {
  save: 'draft',
  schedule: 'scheduled',
  sending: 'sending',
  canceling: 'sending',
  canceled: 'canceled',
  sent: 'sent',
};

const toCampaign = (campaign: z.infer<typeof campaignAnswer>): VendorCampaign => ({
  vendorId: campaign.id,
  title: campaign.settings?.title ?? '',
  vendorStatus: campaign.status,
  settled: SETTLED[campaign.status] ?? 'other',
  archiveUrl: campaign.archive_url,
  sentAt: campaign.send_time,
});

/** There is no `from_email`: Mailchimp sends from `reply_to`. The title carries our operation id. */
const toVendor = (draft: VendorDraft) => ({
  recipients: { list_id: draft.audienceVendorId },
  settings: {
    title: draft.title,
    subject_line: draft.subject,
    preview_text: draft.previewText ?? '',
    from_name: draft.fromName,
    reply_to: draft.senderEmail,
    auto_footer: false,
    inline_css: true,
  },
  tracking: { opens: true, html_clicks: true, text_clicks: false },
});

type Campaigns = Pick<
  EmailPlatform,
  | 'createCampaign'
  | 'findCampaigns'
  | 'updateCampaign'
  | 'putContent'
  | 'readContent'
  | 'readCampaign'
  | 'readUnsentCampaigns'
  | 'readChecklist'
  | 'unscheduleCampaign'
  | 'sendCampaign'
  | 'sendTest'
  | 'deleteCampaign'
>;

export function mailchimpCampaigns(client: MailchimpClient): Campaigns {
  const list = async (filter: Record<string, string>): Promise<VendorCampaign[]> => {
    const found = await readAll((page) =>
      client
        .request(campaignsAnswer, to('listCampaigns'), { query: { ...filter, ...page, fields: PAGE_FIELDS } })
        .then(({ campaigns, total_items }) => ({ rows: campaigns, total: total_items })),
    );
    return found.map(toCampaign);
  };

  const put = (vendorId: string, body: object): Promise<void> =>
    client.command(to('putContent', { campaign_id: vendorId }), { body });
  const read = async (vendorId: string): Promise<string> => {
    const query = { fields: CONTENT_FIELDS };
    const { html } = await client.request(contentAnswer, to('readContent', { campaign_id: vendorId }), { query });
    return html ?? '';
  };

  return {
    async createCampaign(draft) {
      const body = { type: 'regular', ...toVendor(draft) };
      return toCampaign(await client.request(campaignAnswer, to('createCampaign'), { body }));
    },

    async findCampaigns(operationId) {
      // Nothing of the operation is older than the operation; an hour is for clocks that differ.
      const since = toIso(timeOfId(operationId) - HOUR);
      const found = await list({ since_create_time: since, sort_field: 'create_time', sort_dir: 'ASC' });
      return found.filter(({ title }) => title.startsWith(`op:${operationId}`));
    },

    async updateCampaign(vendorId, draft) {
      const address = to('updateCampaign', { campaign_id: vendorId });
      return toCampaign(await client.request(campaignAnswer, address, { body: toVendor(draft) }));
    },

    async putContent(vendorId, content) {
      if ('html' in content) return put(vendorId, { html: ensureComplianceTags(content.html) });
      await put(vendorId, { template: { id: Number(content.templateVendorId) } });
      // A template may lack what the law asks for: then its rendered form is sent instead.
      const html = await read(vendorId);
      const lawful = ensureComplianceTags(html);
      if (lawful !== html) await put(vendorId, { html: lawful });
    },

    readContent: read,
    async readCampaign(vendorId) {
      try {
        return toCampaign(await client.request(campaignAnswer, to('readCampaign', { campaign_id: vendorId })));
      } catch (error) {
        if (isVendorStatus(error, 404)) return undefined;
        throw error;
      }
    },

    async readUnsentCampaigns() {
      return [...(await list({ status: 'save' })), ...(await list({ status: 'schedule' }))];
    },

    async readChecklist(vendorId) {
      const address = to('readChecklist', { campaign_id: vendorId });
      const { is_ready, items } = await client.request(checklistAnswer, address);
      return {
        ready: is_ready,
        items: (items ?? []).map(({ type, heading, details }) => ({
          level: type,
          // Kept on the campaign and shown: it may quote an address.
          heading: withoutAddresses(heading ?? ''),
          details: withoutAddresses(details ?? ''),
        })),
      };
    },

    async unscheduleCampaign(vendorId) {
      await client.command(to('unscheduleCampaign', { campaign_id: vendorId }));
    },

    async sendCampaign(vendorId) {
      let answer: MailchimpAnswer;
      try {
        answer = await client.once(to('sendCampaign', { campaign_id: vendorId }));
      } catch (error) {
        if (isAppError(error)) return { kind: 'unknown', vendor: error.extras.vendor ?? null, code: null };
        throw error;
      }
      if (answer.status >= 200 && answer.status < 300 && !answer.isPage) return { kind: 'accepted' };
      const vendor = toVendorProblem(answer);
      const meaning = classify(answer);
      const code = meaning === 'account_paused' ? meaning : null;
      const unknown = { kind: 'unknown', vendor, code } as const;
      // Only a problem in the API's own form is an answer of the API; whatever a proxy says in its place says nothing.
      if (vendor.title === null || meaning === 'ok' || answer.status >= 500 || answer.status === 408) return unknown;
      if (meaning === 'vendor_rate_limited') return answer.status === 429 ? { kind: 'busy', vendor } : unknown;
      if (meaning === 'vendor_unavailable') return unknown;
      if (meaning !== 'wrong_host_or_token') return { kind: 'refused', error: toAppError(meaning, answer) };
      const refused = await client.explainRefusal(answer).then(
        () => toAppError('api_endpoint_error', answer),
        (error: unknown) => error,
      );
      return refused instanceof AppError ? { kind: 'refused', error: refused } : unknown;
    },

    async sendTest(vendorId, emails) {
      const body = { test_emails: emails, send_type: 'html' };
      await client.command(to('sendTest', { campaign_id: vendorId }), { body });
    },

    async deleteCampaign(vendorId) {
      try {
        await client.command(to('deleteCampaign', { campaign_id: vendorId }));
      } catch (error) {
        if (!isVendorStatus(error, 404)) throw error;
      }
    },
  };
}
