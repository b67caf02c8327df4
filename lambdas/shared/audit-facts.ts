import type { AuditFacts } from '../../src/core/audit/audit-entry.ts';
import type { Campaign } from '../../src/core/campaign/campaign.ts';
import type { Connection } from '../../src/core/connection/connection.ts';
import type { ErasureAnswer } from '../../src/core/contact/erase-contact.ts';
import type { Settings } from '../../src/core/settings/settings.ts';
import { withoutAddresses } from '../../src/core/shared/without-addresses.ts';
import type { Suppression } from '../../src/core/suppression/suppression.ts';
import type { SyncRun } from '../../src/core/sync/sync-run.ts';
import type { ApiKey } from '../../src/core/tenant/api-key.ts';
import type { AuditNote } from './audit-notes.ts';

/**
 * What the audit trail keeps of a thing before and after; nothing else decides which fields enter it. The trail is never
 * erased, so no free text in it holds an address.
 */

export const connectionFacts = (connection: Connection | undefined): AuditFacts | null =>
  connection
    ? {
        status: connection.status,
        accountId: connection.accountId,
        accountName: connection.accountName && withoutAddresses(connection.accountName),
      }
    : null;

/** The tenant's own business addresses, not those of its contacts. */
export const settingsFacts = ({
  senderEmail,
  senderName,
  defaultPlatform,
  timezone,
  undoWindowSeconds,
}: Settings): AuditFacts => ({
  senderEmail,
  senderName: senderName && withoutAddresses(senderName),
  defaultPlatform,
  timezone,
  undoWindowSeconds,
});

export const campaignFacts = ({ status, subject, audienceId }: Campaign): AuditFacts => ({
  status,
  subject: withoutAddresses(subject),
  audienceId,
});

/** A campaign after a request to send it: one that ended in an error is a failure, however the request is answered. */
export const sendNote = (campaign: Campaign): AuditNote => ({
  target: { type: 'campaign', id: campaign.id },
  after: campaignFacts(campaign),
  error: campaign.status === 'error' ? (campaign.error?.code ?? null) : null,
});

/** Neither the address nor the free text, which may name the person. */
export const suppressionFacts = (suppression: Suppression | undefined): AuditFacts => ({
  suppressed: typeof suppression?.reason === 'string',
  reason: suppression?.reason ?? null,
});

/** What was done where: counts, the outcome under the id of each audience, and the keyed hashes of other addresses that are erased. */
export const erasureFacts = ({ erased, here, aliases, vendor }: ErasureAnswer): AuditFacts => ({
  erased,
  ...here,
  aliases: aliases.erased.length + aliases.left.length,
  aliasesErased: aliases.erased.length,
  aliasesCutOff: aliases.cutOff,
  audiences: vendor.length,
  ...Object.fromEntries(aliases.erased.map((hash, index) => [`alias${index + 1}`, hash])),
  ...Object.fromEntries(
    vendor.map(({ audienceId, outcome, code }) => [audienceId, code === null ? outcome : `${outcome}: ${code}`]),
  ),
});

/** How it ended tells whether the request came in time. */
export const runFacts = ({ task, state, progress }: SyncRun): AuditFacts => ({ task, state, done: progress.done });

export const apiKeyFacts = ({ name, role }: Pick<ApiKey, 'name' | 'role'>): AuditFacts => ({
  name: withoutAddresses(name),
  role,
});
