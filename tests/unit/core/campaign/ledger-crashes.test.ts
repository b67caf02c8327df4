import { describe, expect, it } from '@jest/globals';
import { draftCampaign } from '../../../../src/core/campaign/draft-campaign.ts';
import { sendCampaign } from '../../../../src/core/campaign/send-campaign.ts';
import { AppError } from '../../../../src/core/shared/app-error.ts';
import { expectOrder, FAULTS, isOpenTo, liveMany, rest, seedsFrom } from '../../../support/campaign-life.ts';
import { Crash, planCrash, type CrashPlan } from '../../../support/crashes.ts';
import { anAudience, TENANT } from '../../../support/factories.ts';
import type { Fault, Method } from '../../../support/fake-platform.ts';
import { seeded } from '../../../support/seeded.ts';
import { openCampaigns } from '../../../support/open-campaigns.ts';

const INPUT = { audienceId: anAudience().id, subject: 'Autumn loaves', html: '<p>Rye is back.</p>' };
const METHODS: Method[] = [
  'createCampaign',
  'findCampaigns',
  'putContent',
  'readAudience',
  'readDomains',
  'readSubscribers',
  'readChecklist',
  'readCampaign',
  'sendCampaign',
];

/** A campaign is made and sent, one process ends at one call, one call to the vendor goes wrong; then all comes to rest. */
async function makeAndSend(plan: CrashPlan, fault: Fault | undefined) {
  const crashes = planCrash(plan);
  const world = openCampaigns({ random: seeded(plan.at), startProcess: () => crashes.startProcess() });
  if (fault) world.vendor.faults.push(fault);
  try {
    const request = world.openProcess();
    const { id } = await draftCampaign(request, TENANT, INPUT);
    await sendCampaign(request, TENANT, id);
  } catch (error) {
    if (!(error instanceof AppError)) expect(error).toBeInstanceOf(Crash);
  }
  const { made } = crashes.calls;
  await rest(world);
  await expectOrder(world);
  return { world, made };
}

describe('the send ledger', () => {
  it('keeps order when a process ends at any one call, before or after its effect, whatever goes wrong at the vendor', async () => {
    const faults: (Fault | undefined)[] = [undefined];
    for (const method of METHODS) for (const fault of FAULTS) if (isOpenTo(method, fault)) faults.push({ method, ...fault });
    let runs = 0;
    for (const fault of faults) {
      const { made } = await makeAndSend({ at: 0, when: 'before' }, fault);
      for (let at = 1; at <= made; at++) {
        for (const when of ['before', 'after'] as const) {
          await makeAndSend({ at, when }, fault);
          runs++;
        }
      }
    }
    expect(runs).toBeGreaterThan(1_000);
  });

  it('keeps order through 1,000 lives of many requests, crashes, faults, and messages doubled and shuffled', async () => {
    const mailed = await liveMany(seedsFrom(0, 1_000), (seed) => ({
      crashRate: 0.02,
      faultRate: 0.1,
      undoWindowSeconds: seed % 3 === 0 ? 300 : 0,
      dashboard: seed % 2 === 0,
    }));
    // The proof would be cheap if hardly anything was ever sent.
    expect(mailed).toBeGreaterThan(200);
  });
});
