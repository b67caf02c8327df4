/** The parts of dynalite, and of its internals, that the stack uses. Its version is pinned for the second reason. */
declare module 'dynalite' {
  import type { Server } from 'node:http';

  export interface DynaliteOptions {
    path?: string;
    createTableMs?: number;
    deleteTableMs?: number;
    updateTableMs?: number;
  }
  /** Closing the server also closes the store. */
  export default function dynalite(options: DynaliteOptions): Server;
}

declare module 'dynalite/db/index.js' {
  type Item = Record<string, unknown>;
  interface IndexAction {
    index: string;
    key: string;
    item: Item;
  }
  export type Found = (error: unknown, table?: object) => void;
  type Done = (error?: unknown) => void;
  export interface TableStore {
    tableDb: { put: (key: string, value: object, done: Done) => void; del: (key: string, done: Done) => void };
    /** With two arguments for an operation on items, which only reads the definition. */
    getTable: (name: string, ...rest: [Found] | [boolean, Found]) => void;
  }
  interface Database {
    create: (options: object) => TableStore;
    getIndexActions(
      indexes: readonly object[],
      existing: Item | undefined,
      item: Item,
      table: object,
    ): { puts: IndexAction[]; deletes: IndexAction[] };
  }
  const db: Database;
  export default db;
}
