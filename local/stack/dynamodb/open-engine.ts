import dynalite from 'dynalite';
import dynaliteDb, { type TableStore } from 'dynalite/db/index.js';

/** Dynalite over a folder. It reads the definition of the table for every request, so it is given one that remembers. */
export function openEngine(folder: string): ReturnType<typeof dynalite> {
  const { create } = dynaliteDb;
  dynaliteDb.create = (options) => rememberTables(create(options));
  try {
    return dynalite({ path: folder, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  } finally {
    dynaliteDb.create = create;
  }
}

function rememberTables(store: TableStore): TableStore {
  const { tableDb } = store;
  const { getTable } = store;
  const { put, del } = tableDb;
  const tables = new Map<string, object>();
  let changes = 0;
  const changed = (): void => {
    changes += 1;
    tables.clear();
  };
  store.getTable = (name, ...rest) => {
    // Operations on the definition itself change what they get.
    if (rest.length === 2) {
      getTable(name, ...rest);
      return;
    }
    const [found] = rest;
    const known = tables.get(name);
    if (known !== undefined) {
      found(null, known);
      return;
    }
    const asked = changes;
    getTable(name, (error, table) => {
      if (table !== undefined && asked === changes) tables.set(name, table);
      found(error, table);
    });
  };
  tableDb.put = (name, table, done) => {
    changed();
    put(name, table, (error) => {
      changed();
      done(error);
    });
  };
  tableDb.del = (name, done) => {
    changed();
    del(name, (error) => {
      changed();
      done(error);
    });
  };
  return store;
}
