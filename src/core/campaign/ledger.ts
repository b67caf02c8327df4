import { toIso, type Clock } from '../shared/clock.ts';
import type { KeptError } from '../shared/kept-error.ts';
import type { Campaign } from './campaign.ts';
import {
  addStep,
  endOperation,
  newOperation,
  progressOf,
  type Operation,
  type OperationKind,
  type OperationStore,
  type Step,
  type StepName,
} from './operation.ts';

export interface LedgerDeps {
  clock: Clock;
  operations: OperationStore;
}

/**
 * The campaign with a new operation under way, to be saved by the caller together with what the operation changes. One
 * that is still open lost its process: it goes into the ledger as it is. 1 WCU when there is one.
 */
export async function begin(
  deps: LedgerDeps,
  campaign: Campaign,
  kind: OperationKind,
  operation: Operation = newOperation(kind, deps.clock.now()),
): Promise<Campaign> {
  if (campaign.operation) await deps.operations.put(campaign.tenantId, campaign.id, campaign.operation);
  return { ...campaign, operation };
}

/** The campaign with one more step of its operation, to be saved by the caller with what the step changed. */
export const withStep = (
  { clock }: Pick<LedgerDeps, 'clock'>,
  campaign: Campaign,
  name: StepName,
  more: { detail?: string | null; vendor?: Step['vendor'] } = {},
): Campaign =>
  campaign.operation === null
    ? campaign
    : {
        ...campaign,
        operation: { ...addStep(campaign.operation, name, toIso(clock.now()), more), vendorId: campaign.vendorId },
      };

/**
 * Ends the operation: it goes into the ledger before the caller saves the campaign without it, so that a crash in
 * between leaves it in both places, and never in none. 1 WCU.
 */
export async function finish(
  deps: LedgerDeps,
  campaign: Campaign,
  outcome: NonNullable<Operation['outcome']>,
  error: KeptError | null = null,
): Promise<Campaign> {
  const { operation, tenantId, id, vendorId } = campaign;
  if (!operation) return campaign;
  await deps.operations.put(tenantId, id, endOperation({ ...operation, vendorId }, outcome, toIso(deps.clock.now()), error));
  return { ...campaign, operation: null };
}

/** Everything that was done with a campaign, newest first, the operation under way included. 1 query. */
export async function readLedger(
  deps: Pick<LedgerDeps, 'operations'>,
  { tenantId, id, operation }: Pick<Campaign, 'tenantId' | 'id' | 'operation'>,
): Promise<Operation[]> {
  const kept = await deps.operations.list(tenantId, id);
  if (!operation) return kept;
  const copy = kept.find((one) => one.id === operation.id);
  if (copy && progressOf(copy) >= progressOf(operation)) return kept;
  return [operation, ...kept.filter((one) => one !== copy)];
}
