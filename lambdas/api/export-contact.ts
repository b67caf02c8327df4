import { ROUTES } from '../../src/contract/routes.ts';
import { normalizeEmail } from '../../src/core/shared/email-address.ts';
import { runAll } from '../../src/core/shared/run-all.ts';
import type { Untold } from '../../src/core/suppression/drift.ts';
import { findAliases } from '../../src/core/suppression/find-aliases.ts';
import type { Suppression } from '../../src/core/suppression/suppression.ts';
import { audienceNames } from '../shared/audience-names.ts';
import type { StorageApp } from '../shared/compose-storage.ts';
import { presentHeld, statementsOn } from '../shared/present-contact.ts';
import { presentProgress } from '../shared/present-erasure.ts';
import { campaignsCutOff, readCampaignIds } from '../shared/read-campaign-ids.ts';
import { handle, ok } from '../shared/route-handler.ts';

const AT_ONCE = 8;
const trailOf = (email: string): string => `${ROUTES.listAudit.path}?email=${encodeURIComponent(email)}`;

/** Rows of drift, in the audiences that the facts name and in those given. One query for each. */
async function readUntold(app: StorageApp, { tenantId, addressHash, facts }: Suppression, audienceIds: Iterable<string>) {
  const named = Object.values(facts).flatMap(({ audienceId }) => audienceId ?? []);
  const found = await runAll([...new Set([...audienceIds, ...named])], AT_ONCE, async (audienceId) => {
    const rows = await app.untold.ofPerson(tenantId, audienceId, addressHash);
    return rows.map((row): Untold & { audienceId: string } => ({ ...row, audienceId }));
  });
  return found.flat();
}

/**
 * Whoever asks hears everything that is held, or that nothing is: both are an answer to the person. Reads the record, those
 * of up to 50 linked addresses, their erasures, the names that the facts need, and the drift of each audience.
 */
export const exportContact = handle(ROUTES.exportContact, async ({ params, caller, call }, app: StorageApp) => {
  const { tenantId } = caller;
  const email = normalizeEmail(params.email);
  const addressHash = await app.hasher.hash(tenantId, email);
  const record = await app.suppressions.get(tenantId, addressHash);
  const { aliases, cutOff } = await findAliases(app, tenantId, addressHash);
  const names = await audienceNames(app, tenantId);
  const erasures = await app.erasures.getMany(tenantId, [addressHash, ...aliases.map((alias) => alias.addressHash)]);
  const erasureOf = (hash: string) => presentProgress(erasures.get(hash), names);
  const present = async (held: Suppression) =>
    presentHeld(held, {
      names,
      campaignIds: await readCampaignIds(app, held),
      campaignsCutOff: campaignsCutOff(held),
      // A row is written just before the fact.
      untold: await readUntold(app, held, held === record ? names.keys() : []),
    });
  // An erasure is written down before the record.
  const held = record !== undefined || erasures.has(addressHash);
  call.audit.tell({ after: { held, aliases: aliases.length } });
  return ok({
    held,
    addressHash,
    record: record ? await present(record) : null,
    erasure: erasureOf(addressHash),
    aliases: await runAll(aliases, AT_ONCE, async (alias) => ({
      ...(await present(alias)),
      erasure: erasureOf(alias.addressHash),
    })),
    aliasesCutOff: cutOff,
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
    statements: statementsOn(record, held),
  });
});
