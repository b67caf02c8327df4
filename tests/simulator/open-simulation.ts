import { draftCampaign } from '../../local/simulator/campaign-input.ts';
import { addAccount } from '../../local/simulator/accounts.ts';
import type { Account, Campaign } from '../../local/simulator/records.ts';
import { emptyState, type Simulation } from '../../local/simulator/state.ts';

export interface OpenedSimulation {
  readonly sim: Simulation;
  readonly account: Account;
  readonly campaign: Campaign;
}

/** The insides of a simulator without its server, with one campaign that went to so many people. */
export function openSimulation(seed: string, recipients: number, soft: number, hard: number): OpenedSimulation {
  const sim: Simulation = {
    state: emptyState(seed),
    now: () => Date.parse('2026-09-21T06:03:17Z'),
    changed: () => undefined,
    version: () => 0,
    wake: () => undefined,
  };
  const account = addAccount(sim, { name: 'Harbor Lane Bakery' });
  const campaign = { ...draftCampaign(sim, account, 'regular'), recipients, softAtDelivery: soft, hardAtDelivery: hard };
  return { sim, account, campaign };
}
