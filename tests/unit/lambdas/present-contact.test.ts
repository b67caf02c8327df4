import { expect, it } from '@jest/globals';
import { presentHeld } from '../../../lambdas/shared/present-contact.ts';
import { campaignsCutOff, readCampaignIds } from '../../../lambdas/shared/read-campaign-ids.ts';
import { addFact, findSuppression, moveAddress } from '../../../src/core/suppression/suppress.ts';
import { aFact, TENANT } from '../../support/factories.ts';
import { fakeCampaigns } from '../../support/fake-campaigns.ts';
import { fakeHasher, fakeSuppressions } from '../../support/fake-suppressions.ts';

const EMAIL = 'mona@harborlane.test';

it('an export tells who told, the links, and how many campaigns were not looked up', async () => {
  const deps = { suppressions: fakeSuppressions(), hasher: fakeHasher };
  for (let index = 0; index < 53; index++) await addFact(deps, TENANT, EMAIL, aFact({ campaignVendorId: `vc${index}` }));
  await moveAddress(deps, TENANT, EMAIL, 'mona@elsewhere.test');
  const record = await findSuppression(deps, TENANT, EMAIL);
  if (!record) throw new Error('Nobody is suppressed');
  const held = presentHeld(record, {
    names: new Map(),
    campaignIds: await readCampaignIds({ campaigns: fakeCampaigns() }, record),
    campaignsCutOff: campaignsCutOff(record),
    untold: [],
  });
  expect(held.campaignsCutOff).toBe(3);
  expect(held.facts).toHaveLength(53);
  expect(new Set(held.facts.map(({ campaignVendorId }) => campaignVendorId)).size).toBe(53);
  expect(held.facts[0]).toMatchObject({ webhookAt: aFact().at, syncAt: null });
  expect(held.links).toEqual({ successors: [await fakeHasher.hash(TENANT, 'mona@elsewhere.test')], predecessors: [] });
});
