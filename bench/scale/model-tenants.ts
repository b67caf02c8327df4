import { toIso } from '../../src/core/shared/clock.ts';
import { sha256 } from '../../src/core/shared/ids.ts';
import { makeConnectionStore } from '../../src/storage/connection-store.ts';
import { gsi1, SHARDS } from '../../src/storage/keys.ts';
import { Table } from '../../src/storage/table.ts';
import { HookBook } from './hook-book.ts';
import { openMemoryTable } from './memory-table.ts';
import { newMeter } from './meter.ts';
import { MODEL_HOST, MODEL_STAGE } from './model-app.ts';
import type { Directory } from './query-items.ts';
import { openAccount, type VendorAccountState } from './model-vendor.ts';
import { TenantItems, type Base, type Item } from './tenant-items.ts';
import { kindOf, modelOf, namesOf, renamer, type TenantNames } from './tenant-names.ts';
import type { PlatformId } from '../../src/core/shared/platform-id.ts';

const PLATFORM: PlatformId = 'mailchimp';

/** What one tenant has while anything is under way for it. */
export interface TenantState {
  names: TenantNames;
  items: TenantItems;
  hooks: HookBook;
  account: VendorAccountState;
  /** Messages and deliveries under way. */
  open: number;
}

/** What all tenants of a kind begin with. */
export interface KindState {
  base: Base;
  hooks: HookBook;
}

/** A connected tenant's connection, as its store writes it. */
async function saveConnection(names: TenantNames, accountId: string, items: TenantItems, connectedAt: number): Promise<void> {
  const meter = newMeter();
  const table = openMemoryTable({
    user: () => ({ items, meter }),
    directory: () => [],
    wait: () => Promise.resolve(),
    written: () => undefined,
  });
  const connectionId = `con_${names.tenantId.slice('ten_'.length)}`;
  await makeConnectionStore(new Table(table, MODEL_STAGE)).save({
    tenantId: names.tenantId,
    platform: PLATFORM,
    connectionId,
    status: 'connected',
    accountId,
    accountName: 'A tenant of the model',
    vendorUser: names.vendorUser,
    apiEndpoint: MODEL_HOST,
    tokenRef: `arn:aws:secretsmanager:us-east-1:000000000000:secret:${MODEL_STAGE}/${names.tenantId}/${PLATFORM}/${connectionId}-model`,
    connectedAt: toIso(connectedAt),
    lastError: null,
    lostAt: null,
    doubt: null,
    renewHooksBefore: null,
    version: 0,
  });
}

/** All tenants of one world; what a tenant has is made when it is first asked for. */
export class ModelTenants {
  readonly indexes: readonly number[];
  private readonly states = new Map<number, TenantState>();
  private readonly accounts = new Map<number, VendorAccountState>();
  private readonly kinds: ReadonlyMap<number, KindState> | undefined;
  private readonly agency: number;
  private readonly dayStart: number;
  private readonly forgets: boolean;
  private readonly kindCount: number;

  /**
   * @param options `kinds`: what tenants begin with, else with a connection alone; `forgets`: a tenant is back at that once nothing
   * is under way for it, which keeps the model small
   */
  constructor(options: {
    indexes: readonly number[];
    kinds?: ReadonlyMap<number, KindState>;
    agency: number;
    /** How many kinds there are. */
    kindCount: number;
    dayStart: number;
    forgets: boolean;
  }) {
    this.indexes = options.indexes;
    this.kinds = options.kinds;
    this.agency = options.agency;
    this.kindCount = options.kindCount;
    this.dayStart = options.dayStart;
    this.forgets = options.forgets && options.kinds !== undefined;
  }

  /** Has to be called once, before anything is asked for. */
  async connectAll(connectedAt: number): Promise<void> {
    if (this.kinds) return;
    for (const index of this.indexes) {
      const { names, account, items } = this.of(index);
      await saveConnection(names, account.accountId, items, connectedAt);
    }
  }

  of(index: number): TenantState {
    const known = this.states.get(index);
    if (known) return known;
    const names = namesOf(index, this.agency);
    const model = namesOf(modelOf(index, this.kindCount));
    const kind = this.kinds?.get(kindOf(index, this.kindCount));
    const fromModel = renamer(model, names);
    const state: TenantState = {
      names,
      items: kind ? new TenantItems(kind.base, renamer(names, model), fromModel) : new TenantItems(),
      hooks: new HookBook(kind?.hooks, fromModel),
      account: this.accountOf(index),
      open: 0,
    };
    this.states.set(index, state);
    return state;
  }

  accountOf(index: number): VendorAccountState {
    const kind = kindOf(index, this.kindCount);
    const known = this.accounts.get(kind);
    if (known) return known;
    const made = openAccount(kind, this.dayStart);
    this.accounts.set(kind, made);
    return made;
  }

  opened(index: number): void {
    this.of(index).open++;
  }

  closed(index: number): void {
    const state = this.of(index);
    state.open--;
    if (state.open === 0 && this.forgets) this.states.delete(index);
  }

  /** The index by which the dispatcher finds connected tenants. */
  directory(): Directory {
    const shards = new Map(SHARDS.map((shard): [string, Item[]] => [gsi1.pk(PLATFORM, 'connected', shard), []]));
    for (const index of this.indexes) {
      const { tenantId, vendorUser } = namesOf(index, this.agency);
      shards.get(gsi1.pk(PLATFORM, 'connected', sha256(tenantId).slice(0, 1)))?.push({ GSI1SK: tenantId, vendorUser });
    }
    return (pk) => shards.get(pk) ?? [];
  }

  /** What others may begin with. */
  asKinds(): ReadonlyMap<number, KindState> {
    return new Map(
      this.indexes.map((index) => {
        const { items, hooks } = this.of(index);
        return [kindOf(index, this.kindCount), { base: items.asBase(), hooks }];
      }),
    );
  }
}
