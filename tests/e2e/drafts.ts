import * as z from 'zod';
import type { BodyOf } from './client.ts';
import type { Ready } from './connect.ts';
import type { Vendor } from './simulator.ts';
import { until } from './wait.ts';

export type Campaign = BodyOf<'getCampaign'>;

export function create(ready: Ready, action: 'send' | 'draft', more: Readonly<Record<string, unknown>> = {}): Promise<Campaign> {
  const body = { audienceId: ready.audienceId, subject: 'Rye is back', html: '<p>Rye</p>', action, ...more };
  return ready.client.call('createCampaign', { body });
}

export const read = (ready: Pick<Ready, 'client'>, id: string): Promise<Campaign> =>
  ready.client.call('getCampaign', { params: { id } });

export function reaches(
  ready: Pick<Ready, 'client'>,
  id: string,
  status: Campaign['status'],
  withinMs = 60_000,
): Promise<Campaign> {
  return until(
    `${id} to be ${status}`,
    async () => {
      const campaign = await read(ready, id);
      return campaign.status === status ? campaign : undefined;
    },
    withinMs,
  );
}

const vendorCampaign = z.object({
  status: z.string(),
  emails_sent: z.number(),
  recipients: z.object({ list_id: z.string() }),
  settings: z.object({ subject_line: z.string(), preview_text: z.string(), from_name: z.string(), reply_to: z.string() }),
  tracking: z.object({ opens: z.boolean(), html_clicks: z.boolean() }),
});

/** A campaign as the vendor has it. */
export const atVendor = (vendor: Vendor, accountId: string, vendorId: string | null) =>
  vendor.read(accountId, `/campaigns/${vendorId}`, vendorCampaign);

export async function htmlAtVendor(vendor: Vendor, accountId: string, vendorId: string | null): Promise<string> {
  return (await vendor.read(accountId, `/campaigns/${vendorId}/content`, z.object({ html: z.string() }))).html;
}

export const UNSUBSCRIBE_TAG = '*|UNSUB|*';
export const ADDRESS_TAG = /\*\|(HTML:)?LIST[:_]ADDRESS[A-Z_]*\|\*/;
