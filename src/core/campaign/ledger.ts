import { toIso, type Clock } from '../shared/clock.ts';
import type { KeptError } from '../shared/kept-error.ts';
import type { Campaign } from './campaign.ts';
import {
  addStep,
  endOperation,
  newOperation,
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

/** The operation under way, if there is one. */
export const openOperation = ({ operation }: Pick<Campaign, 'operation'>): Operation | null =>
  operation?.endedAt === null ? operation : null;

/**
 * The campaign with a new operation under way, to be saved by the caller together with what the operation changes. The
 * former one goes into the ledger as it is: ended, or still open when its process died. 1 write when there is one.
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

/** The campaign with one more step of the operation under way, to be saved by the caller with what the step changed. */
export function withStep(
  { clock }: Pick<LedgerDeps, 'clock'>,
  campaign: Campaign,
  name: StepName,
  more: { detail?: string | null; vendor?: Step['vendor'] } = {},
): Campaign {
  const operation = openOperation(campaign);
  if (!operation) return campaign;
  const stepped = addStep(operation, name, toIso(clock.now()), more);
  return { ...campaign, operation: { ...stepped, vendorId: campaign.vendorId } };
}

/** The campaign with its operation ended, to be saved by the caller with the end itself. */
export function finish(
  { clock }: Pick<LedgerDeps, 'clock'>,
  campaign: Campaign,
  outcome: NonNullable<Operation['outcome']>,
  error: KeptError | null = null,
): Campaign {
  const operation = openOperation(campaign);
  if (!operation) return campaign;
  const ended = endOperation({ ...operation, vendorId: campaign.vendorId }, outcome, toIso(clock.now()), error);
  return { ...campaign, operation: ended };
}

/** Everything that was done with a campaign, newest first, the latest operation included. 1 query. */
export async function readLedger(
  deps: Pick<LedgerDeps, 'operations'>,
  { tenantId, id, operation }: Pick<Campaign, 'tenantId' | 'id' | 'operation'>,
): Promise<Operation[]> {
  const kept = await deps.operations.list(tenantId, id);
  if (!operation) return kept;
  return [operation, ...kept.filter((one) => one.id !== operation.id)].sort((a, b) => (a.id < b.id ? 1 : -1));
}
