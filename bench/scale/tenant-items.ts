import { itemBytes } from './item-bytes.ts';

export type Item = Record<string, unknown>;
/** As text: small, and whoever reads an item gets one of their own. */
export interface Stored {
  json: string;
  bytes: number;
}
/** The items of one partition, by sort key; `null`: deleted, though the base has it. */
type Partition = Map<string, Stored | null>;

export const toItem = ({ json }: Stored): Item => {
  const item: unknown = JSON.parse(json);
  return typeof item === 'object' && item !== null ? { ...item } : {};
};

/** What many tenants of a kind begin with; nobody writes to it. */
export type Base = ReadonlyMap<string, ReadonlyMap<string, Stored>>;
const EMPTY: Base = new Map();

/** The bytes of storage that are billed for it: 100 more for each item. */
export const storedBytes = (base: Base): number =>
  [...base.values()].reduce((sum, items) => [...items.values()].reduce((all, { bytes }) => all + bytes + 100, sum), 0);

/** What one tenant has: the state that its kind begins with, and over it what it wrote itself. */
export class TenantItems {
  private readonly own = new Map<string, Partition>();
  private readonly base: Base;
  private readonly toBase: (text: string) => string;
  private readonly fromBase: (text: string) => string;

  constructor(base: Base = EMPTY, toBase = (text: string) => text, fromBase = (text: string) => text) {
    [this.base, this.toBase, this.fromBase] = [base, toBase, fromBase];
  }

  get(pk: string, sk: string): Stored | undefined {
    const own = this.own.get(pk)?.get(sk);
    if (own !== undefined) return own ?? undefined;
    if (this.base === EMPTY) return undefined;
    const stored = this.base.get(this.toBase(pk))?.get(this.toBase(sk));
    return stored && this.renamed(stored);
  }

  put(pk: string, sk: string, item: Item): Stored {
    const stored = { json: JSON.stringify(item), bytes: itemBytes(item) };
    this.partition(pk).set(sk, stored);
    return stored;
  }

  delete(pk: string, sk: string): void {
    if (this.base === EMPTY || !this.base.get(this.toBase(pk))?.has(this.toBase(sk))) this.own.get(pk)?.delete(sk);
    else this.partition(pk).set(sk, null);
  }

  /** The sort keys of a partition that fit, rising. */
  keys(pk: string, fits: (sk: string) => boolean): string[] {
    const own = this.own.get(pk);
    const found: string[] = [];
    for (const key of this.base.get(this.toBase(pk))?.keys() ?? []) {
      const sk = this.fromBase(key);
      if (fits(sk) && !own?.has(sk)) found.push(sk);
    }
    if (own) for (const [sk, stored] of own) if (stored && fits(sk)) found.push(sk);
    return found.sort();
  }

  /** What others of the kind may begin with. Only of a tenant that began with nothing. */
  asBase(): Base {
    const base = new Map<string, Map<string, Stored>>();
    for (const [pk, partition] of this.own) {
      const kept = new Map<string, Stored>();
      for (const [sk, stored] of partition) if (stored) kept.set(sk, stored);
      base.set(pk, kept);
    }
    return base;
  }

  private partition(pk: string): Partition {
    const known = this.own.get(pk);
    if (known) return known;
    const made: Partition = new Map();
    this.own.set(pk, made);
    return made;
  }

  private renamed({ json, bytes }: Stored): Stored {
    return { json: this.fromBase(json), bytes };
  }
}
