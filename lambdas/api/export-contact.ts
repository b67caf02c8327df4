import { ROUTES } from '../../src/contract/routes.ts';
import { normalizeEmail } from '../../src/core/shared/email-address.ts';
import { findAliases } from '../../src/core/suppression/erase-address.ts';
import type { Suppression } from '../../src/core/suppression/suppression.ts';
import { audienceNames } from '../shared/audience-names.ts';
import type { StorageApp } from '../shared/compose-storage.ts';
import { presentHeld, statementsOn } from '../shared/present-contact.ts';
import { readCampaignIds } from '../shared/read-campaign-ids.ts';
import { handle, ok } from '../shared/route-handler.ts';

const trailOf = (email: string): string => `${ROUTES.listAudit.path}?email=${encodeURIComponent(email)}`;

/**
 * Whoever asks hears everything that is held, or that nothing is: both are an answer to the person. Reads the record, its
 * chain of other addresses, and the names that the facts need.
 */
export const exportContact = handle(ROUTES.exportContact, async ({ params, caller, call }, app: StorageApp) => {
  const { tenantId } = caller;
  const email = normalizeEmail(params.email);
  const addressHash = await app.hasher.hash(tenantId, email);
  const record = await app.suppressions.get(tenantId, addressHash);
  const aliases = record ? await findAliases(app, tenantId, addressHash) : [];
  const names = await audienceNames(app, tenantId);
  const present = async (held: Suppression) => presentHeld(held, names, await readCampaignIds(app, held));
  call.audit.tell({ after: { held: record !== undefined, aliases: aliases.length } });
  return ok({
    held: record !== undefined,
    addressHash,
    record: record ? await present(record) : null,
    aliases: await Promise.all(aliases.map(present)),
    audit: [email, ...aliases.flatMap((alias) => alias.email ?? [])].map(trailOf),
    platforms: await Promise.all(
      (await app.connections.list(tenantId)).map(async ({ platform, status }) => ({
        platform,
        status,
        audiences: (await app.audiences.list(tenantId, platform))
          .filter(({ vanishedAt }) => vanishedAt === null)
          .map(({ id, vendorId, name }) => ({ audienceId: id, vendorId, name })),
      })),
    ),
    statements: statementsOn(record, record !== undefined),
  });
});
