import type * as z from 'zod';
import type { EmailPlatform } from '../../core/email-platform/email-platform.ts';
import { SECOND } from '../../core/shared/clock.ts';
import type { MailchimpClient } from './mailchimp-client.ts';
import { isVendorStatus } from './mailchimp-errors.ts';
import { hookAnswer, hooksAnswer } from './mailchimp-schemas.ts';
import { withListNotFound } from './read-member-page.ts';

/** Every flag is given: what an omitted one means is not documented. */
const EVENTS = { subscribe: false, unsubscribe: true, profile: false, cleaned: true, upemail: true, campaign: false };
/** `api` too: another system may take people off the audience. */
const SOURCES = { user: true, admin: true, api: true };

/** Mailchimp calls our URL inside the create call, and waits 10 s for it. */
const CREATE_WITHIN_MS = 15 * SECOND;

const sameFlags = (wanted: Record<string, boolean>, given: Record<string, boolean> | null | undefined): boolean =>
  Object.entries(wanted).every(([name, value]) => (given?.[name] ?? false) === value);

const flagsRight = (hook: z.infer<typeof hookAnswer>): boolean =>
  sameFlags(EVENTS, hook.events) && sameFlags(SOURCES, hook.sources);

/** https://mailchimp.com/developer/marketing/api/list-webhooks/ */
export function mailchimpHooks(
  client: MailchimpClient,
): Pick<EmailPlatform, 'listHooks' | 'createHook' | 'updateHook' | 'deleteHook'> {
  return {
    async listHooks(listId) {
      const { webhooks } = await withListNotFound(
        client.request(hooksAnswer, { method: 'GET', path: `/lists/${listId}/webhooks` }),
      );
      return webhooks.map((hook) => ({
        vendorId: hook.id,
        url: hook.url,
        signed: hook.signing_enabled ?? null,
        flagsRight: flagsRight(hook),
      }));
    },

    async createHook(listId, url) {
      const made = await withListNotFound(
        client.request(hookAnswer, {
          method: 'POST',
          path: `/lists/${listId}/webhooks`,
          data: { url, events: EVENTS, sources: SOURCES },
          timeoutMs: CREATE_WITHIN_MS,
        }),
      );
      // The secret is in this answer and never again.
      return { vendorId: made.id, signingSecret: made.signing_secret || null };
    },

    async updateHook(listId, hookId) {
      await withListNotFound(
        client.request(hookAnswer, {
          method: 'PATCH',
          path: `/lists/${listId}/webhooks/${hookId}`,
          data: { events: EVENTS, sources: SOURCES },
        }),
      );
    },

    async deleteHook(listId, hookId) {
      try {
        await client.command({ method: 'DELETE', path: `/lists/${listId}/webhooks/${hookId}` });
      } catch (error) {
        if (!isVendorStatus(error, 404)) throw error;
      }
    },
  };
}
