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
  interface Database {
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
