import { sha256 } from '../../src/core/shared/ids.ts';
import type { Meter } from './meter.ts';
import type { Runs } from './runs.ts';
import { kindOf, type TenantNames } from './tenant-names.ts';

/** A message that some work sent. */
export interface Sent {
  queue: 'sync' | 'followups';
  body: string;
  delayMs: number;
}

/** What one piece of work did and how long it took, without the function's own start and CPU. */
export interface Trace {
  ms: number;
  meter: Meter;
  runs: Runs;
  sent: readonly Sent[];
  runId: string | null;
}

const RUN_TIME = /"runId":"sync_\w+-(\w{10})/;
const STEP = /"step":(\d+)/;

/** What the work on a message depends on, besides the kind of the tenant: the task, the step, and when its rule fired. */
export function nameOfWork(worker: string, body: string): string {
  const task = /"(?:task|kind)":"(?!sync")([\w-]+)"/.exec(body)?.[1] ?? '';
  const isScheduled = body.includes('"trigger":"schedule"');
  return [worker, task, STEP.exec(body)?.[1] ?? '', isScheduled ? (RUN_TIME.exec(body)?.[1] ?? '') : 'any'].join('|');
}
export const runIdIn = (body: string): string | null => /"runId":"([\w-]+)"/.exec(body)?.[1] ?? null;

/** Work that the service's code did for a few tenants of each kind, to be repeated for all others of the kind. */
export class Traces {
  private readonly byName = new Map<string, Trace[]>();
  private readonly kinds: number;

  constructor(kinds: number) {
    this.kinds = kinds;
  }

  record(index: number, work: string, trace: Trace): void {
    const name = `${kindOf(index, this.kinds)}|${work}`;
    const known = this.byName.get(name);
    if (known) known.push(trace);
    else this.byName.set(name, [trace]);
  }

  /** @throws an error when no tenant of the kind did such work */
  of(index: number, work: string): Trace {
    const known = this.byName.get(`${kindOf(index, this.kinds)}|${work}`) ?? [];
    const trace = known[Math.floor(index / this.kinds) % known.length];
    if (!trace) throw new Error(`No tenant of the kind of ${index} did this work: ${work}`);
    return trace;
  }
}

/** A recorded message as another tenant would have sent it, with its group and its deduplication id. */
export function asSentBy(names: TenantNames, sent: Sent, recordedRun: string | null, runId: string | null): SentAs {
  const recorded = objectOf(sent.body);
  const message: Record<string, unknown> = {
    ...recorded,
    tenantId: names.tenantId,
    ...('vendorUser' in recorded && { vendorUser: names.vendorUser }),
    ...(recorded['runId'] === recordedRun && runId !== null && { runId }),
  };
  return {
    body: JSON.stringify(message),
    group: names.vendorUser,
    deduplicationId: sha256(`${names.tenantId}:${String(message['runId'])}:${String(message['step'])}`),
  };
}
export interface SentAs {
  body: string;
  group: string;
  deduplicationId: string;
}

const objectOf = (text: string): Record<string, unknown> => {
  const json: unknown = JSON.parse(text);
  return typeof json === 'object' && json !== null ? { ...json } : {};
};
