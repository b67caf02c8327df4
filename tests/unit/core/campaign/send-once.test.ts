import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { sendCampaign } from '../../../../src/core/campaign/send-campaign.ts';
import { AppError } from '../../../../src/core/shared/app-error.ts';
import { Crash, planCrash } from '../../../support/crashes.ts';
import { TENANT } from '../../../support/factories.ts';
import type { SendScript } from '../../../support/fake-vendor-campaigns.ts';
import { seeded } from '../../../support/seeded.ts';
import { openCampaigns, putDraft, type CampaignWorld } from '../../../support/open-campaigns.ts';

const silence = () => new AppError('vendor_unavailable', 'Mailchimp did not answer.');

/** What must hold once everything has come to rest, whatever happened on the way. */
function expectRest(world: CampaignWorld, id: string): void {
  const { vendor, campaigns, driver } = world;
  expect(vendor.campaigns.mailings()).toBeLessThanOrEqual(1);
  expect(vendor.campaigns.sendCalls - vendor.campaigns.busyAnswers).toBeLessThanOrEqual(1);
  expect(driver.dead).toEqual([]);
  const status = campaigns.records.get(id)?.status;
  const reached = vendor.campaigns.mailings() === 1 ? ['sent'] : ['error', 'draft'];
  expect(reached).toContain(status);
}

interface Case {
  seed: number;
  at: number;
  when: 'before' | 'after';
  script: SendScript[];
  failedReads: number;
}

async function sendThroughCrash({ seed, at, when, script, failedReads }: Case) {
  const crashes = planCrash({ at, when });
  const world = openCampaigns({ random: seeded(seed), startProcess: () => crashes.startProcess() });
  const id = putDraft(world);
  world.vendor.campaigns.script.push(...script);
  for (let read = 0; read < failedReads; read++) world.vendor.faults.push({ method: 'readCampaign', error: silence() });
  const result = await sendCampaign(world.openProcess(), TENANT, id).catch((error: unknown) => error);
  if (result instanceof Error && !(result instanceof AppError)) expect(result).toBeInstanceOf(Crash);
  await world.driver.drain();
  return { world, id, calls: crashes.calls.made };
}

const SCRIPTS: SendScript[] = ['accepted', 'sent-but-unknown', 'not-sent-but-unknown', 'busy', 'refused'];

describe('a send', () => {
  it('starts at most one mailing and comes to an end, whichever call of a port is the last of its process', async () => {
    let most = 0;
    for (const first of SCRIPTS) {
      const { calls } = await sendThroughCrash({ seed: 1, at: 0, when: 'before', script: [first], failedReads: 0 });
      most = Math.max(most, calls);
      for (let at = 1; at <= calls; at++) {
        for (const when of ['before', 'after'] as const) {
          const { world, id } = await sendThroughCrash({ seed: at, at, when, script: [first], failedReads: 0 });
          expectRest(world, id);
        }
      }
    }
    expect(most).toBeGreaterThan(15);
  });

  it('does so for any answers, failing reads, repeated and reordered messages', async () => {
    const any = fc.record({
      seed: fc.nat(),
      at: fc.nat({ max: 60 }),
      when: fc.constantFrom('before' as const, 'after' as const),
      script: fc.array(fc.constantFrom(...SCRIPTS), { maxLength: 8 }),
      failedReads: fc.nat({ max: 6 }),
    });
    await fc.assert(
      fc.asyncProperty(any, async (one) => {
        const { world, id } = await sendThroughCrash(one);
        expectRest(world, id);
      }),
      { numRuns: 400 },
    );
  });

  it('has one winner, one pre-flight and one call among twenty requests at once', async () => {
    const world = openCampaigns();
    const id = putDraft(world);
    const answers = await Promise.all(Array.from({ length: 20 }, () => sendCampaign(world.openProcess(), TENANT, id)));
    await world.driver.drain();
    expect(world.vendor.count('readChecklist')).toBe(1);
    expect(world.vendor.count('sendCampaign')).toBe(1);
    expect(answers.every(({ status }) => status === 'sending' || status === 'sent')).toBe(true);
    expect(world.campaigns.records.get(id)?.status).toBe('sent');
  });

  it('is asked of the vendor by the consumer of the queue, never by the request', async () => {
    const world = openCampaigns();
    const id = putDraft(world);
    const request = { ...world.openProcess(), sleep: () => Promise.resolve() };
    const answer = await sendCampaign(request, TENANT, id);
    expect(answer).toMatchObject({ status: 'sending', send: { phase: 'claimed' } });
    expect(world.vendor.count('sendCampaign')).toBe(0);
  });

  it('waits at most ten seconds for the outcome', async () => {
    const world = openCampaigns();
    const id = putDraft(world);
    const begun = world.clock.now();
    const sleep = (ms: number): Promise<void> => {
      world.clock.advance(ms);
      return Promise.resolve();
    };
    const request = { ...world.openProcess(), sleep };
    await sendCampaign(request, TENANT, id);
    expect(world.clock.now() - begun).toBeGreaterThanOrEqual(9_000);
    expect(world.clock.now() - begun).toBeLessThanOrEqual(11_000);
  });

  it.each(['sending', 'sent'] as const)('of a campaign that is %s changes nothing', async (status) => {
    const world = openCampaigns();
    const id = putDraft(world);
    const before = world.campaigns.records.get(id);
    if (before) world.campaigns.records.set(id, { ...before, status });
    expect(await sendCampaign(world.openProcess(), TENANT, id)).toMatchObject({ status, version: 1 });
    expect(world.driver.pending).toEqual([]);
  });
});
