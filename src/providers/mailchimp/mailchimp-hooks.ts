import type * as z from 'zod';
import type { EmailPlatform } from '../../core/email-platform/email-platform.ts';
import { to } from './address.ts';
import type { MailchimpClient } from './mailchimp-client.ts';
import { isVendorStatus, withListNotFound } from './mailchimp-errors.ts';
import { hookAnswer, hooksAnswer } from './mailchimp-schemas.ts';

/** Every flag is given: what an omitted one means is not documented. */
const EVENTS = { subscribe: false, unsubscribe: true, profile: false, cleaned: true, upemail: true, campaign: false };
/** `api` too: another system may take people off the audience. */
const SOURCES = { user: true, admin: true, api: true };

const sameFlags = (wanted: Record<string, boolean>, given: Record<string, boolean> | null | undefined): boolean =>
  Object.entries(wanted).every(([name, value]) => (given?.[name] ?? false) === value);

const flagsRight = (hook: z.infer<typeof hookAnswer>): boolean =>
  sameFlags(EVENTS, hook.events) && sameFlags(SOURCES, hook.sources);

export function mailchimpHooks(
  client: MailchimpClient,
): Pick<EmailPlatform, 'listHooks' | 'createHook' | 'updateHook' | 'deleteHook'> {
  return {
    async listHooks(listId) {
      const { webhooks } = await withListNotFound(client.request(hooksAnswer, to('listHooks', { list_id: listId })));
      return webhooks.map((hook) => ({
        vendorId: hook.id,
        url: hook.url,
        signed: hook.signing_enabled ?? null,
        flagsRight: flagsRight(hook),
      }));
    },

    async createHook(listId, url) {
      const body = { url, events: EVENTS, sources: SOURCES };
      const made = await withListNotFound(client.request(hookAnswer, to('createHook', { list_id: listId }), { body }));
      // The secret is in this answer and never again.
      return { vendorId: made.id, signingSecret: made.signing_secret || null };
    },

    async updateHook(listId, hookId) {
      const address = to('updateHook', { list_id: listId, webhook_id: hookId });
      const body = { events: EVENTS, sources: SOURCES };
      await withListNotFound(client.request(hookAnswer, address, { body }));
    },

    async deleteHook(listId, hookId) {
      try {
        await client.command(to('deleteHook', { list_id: listId, webhook_id: hookId }));
      } catch (error) {
        if (!isVendorStatus(error, 404)) throw error;
      }
    },
  };
}
