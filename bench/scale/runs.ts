import type { Item } from './tenant-items.ts';

/** How the runs of a day ended, from what is written of them. */
export class Runs {
  /** By task, then by state. */
  readonly ended: Record<string, Record<string, number>> = {};
  /** What the runs counted, by task. */
  readonly counts: Record<string, Record<string, number>> = {};
  open = 0;

  add(other: Runs): void {
    this.open += other.open;
    for (const [own, others] of [
      [this.ended, other.ended],
      [this.counts, other.counts],
    ] as const)
      for (const [task, numbers] of Object.entries(others)) {
        const sums = (own[task] ??= {});
        for (const [name, value] of Object.entries(numbers)) sums[name] = (sums[name] ?? 0) + value;
      }
  }

  note(item: Item, before: Item | undefined): void {
    const sk = item['SK'];
    if (typeof sk !== 'string' || !sk.startsWith('SYNC#')) return;
    if (!before) this.open++;
    const isOver = item['finishedAt'] !== null;
    const wasOver = before !== undefined && before['finishedAt'] !== null;
    if (!isOver || wasOver) return;
    this.open--;
    const [task, state] = [String(item['task']), String(item['state'])];
    const states = (this.ended[task] ??= {});
    states[state] = (states[state] ?? 0) + 1;
    const { counts } = item;
    if (typeof counts !== 'object' || counts === null) return;
    const sums = (this.counts[task] ??= {});
    for (const [name, value] of Object.entries(counts)) sums[name] = (sums[name] ?? 0) + Number(value);
  }
}
