import type * as z from 'zod';
import type { EmailPlatform, VendorCampaign, VendorDraft } from '../../core/email-platform/email-platform.ts';
import { AppError, isAppError } from '../../core/shared/app-error.ts';
import { HOUR, MINUTE, toIso } from '../../core/shared/clock.ts';
import { timeOfId } from '../../core/shared/ids.ts';
import { withoutAddresses } from '../../core/shared/without-addresses.ts';
import { ensureComplianceTags } from './compliance-tags.ts';
import type { MailchimpClient } from './mailchimp-client.ts';
import { classify, isVendorStatus, toAppError, toVendorProblem, type MailchimpAnswer } from './mailchimp-errors.ts';
import { readPages } from './read-pages.ts';
import { campaignAnswer, campaignsAnswer, checklistAnswer, contentAnswer } from './mailchimp-schemas.ts';

/** Test sends are rendered while we wait. */
const SLOW_CALL_MS = MINUTE;

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

/** https://mailchimp.com/developer/marketing/api/campaigns/ */
export function mailchimpCampaigns(client: MailchimpClient): Campaigns {
  const list = async (filter: Record<string, string>): Promise<VendorCampaign[]> => {
    const pages = readPages((offset, count) =>
      client
        .request(campaignsAnswer, {
          method: 'GET',
          path: '/campaigns',
          params: {
            ...filter,
            count,
            offset,
            fields: 'campaigns.id,campaigns.status,campaigns.archive_url,campaigns.send_time,campaigns.settings,total_items',
          },
        })
        .then(({ campaigns, total_items }) => ({ rows: campaigns, total: total_items })),
    );
    const found: VendorCampaign[] = [];
    for await (const { rows } of pages) found.push(...rows.map(toCampaign));
    return found;
  };

  const put = (vendorId: string, data: object): Promise<void> =>
    client.command({ method: 'PUT', path: `/campaigns/${vendorId}/content`, data });
  const read = async (vendorId: string): Promise<string> => {
    const { html } = await client.request(contentAnswer, {
      method: 'GET',
      path: `/campaigns/${vendorId}/content`,
      params: { fields: 'html' },
    });
    return html ?? '';
  };

  return {
    async createCampaign(draft) {
      return toCampaign(
        await client.request(campaignAnswer, {
          method: 'POST',
          path: '/campaigns',
          data: { type: 'regular', ...toVendor(draft) },
        }),
      );
    },

    async findCampaigns(operationId) {
      // Nothing of the operation is older than the operation; an hour is for clocks that differ.
      const since = toIso(timeOfId(operationId) - HOUR);
      const found = await list({ since_create_time: since, sort_field: 'create_time', sort_dir: 'ASC' });
      return found.filter(({ title }) => title.startsWith(`op:${operationId}`));
    },

    async updateCampaign(vendorId, draft) {
      return toCampaign(
        await client.request(campaignAnswer, { method: 'PATCH', path: `/campaigns/${vendorId}`, data: toVendor(draft) }),
      );
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
        return toCampaign(await client.request(campaignAnswer, { method: 'GET', path: `/campaigns/${vendorId}` }));
      } catch (error) {
        if (isVendorStatus(error, 404)) return undefined;
        throw error;
      }
    },

    async readUnsentCampaigns() {
      return [...(await list({ status: 'save' })), ...(await list({ status: 'schedule' }))];
    },

    async readChecklist(vendorId) {
      const { is_ready, items } = await client.request(checklistAnswer, {
        method: 'GET',
        path: `/campaigns/${vendorId}/send-checklist`,
      });
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
      await client.command({ method: 'POST', path: `/campaigns/${vendorId}/actions/unschedule` });
    },

    async sendCampaign(vendorId) {
      let answer: MailchimpAnswer;
      try {
        answer = await client.once({ method: 'POST', path: `/campaigns/${vendorId}/actions/send`, timeoutMs: SLOW_CALL_MS });
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
      await client.command({
        method: 'POST',
        path: `/campaigns/${vendorId}/actions/test`,
        data: { test_emails: emails, send_type: 'html' },
        timeoutMs: SLOW_CALL_MS / 3,
      });
    },

    async deleteCampaign(vendorId) {
      try {
        await client.command({ method: 'DELETE', path: `/campaigns/${vendorId}` });
      } catch (error) {
        if (!isVendorStatus(error, 404)) throw error;
      }
    },
  };
}
