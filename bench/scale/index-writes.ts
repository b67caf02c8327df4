import { TABLE } from '../../src/contract/manifest.ts';
import { writeUnits } from './capacity-units.ts';
import { itemBytes } from './item-bytes.ts';
import type { Item } from './tenant-items.ts';

/** What of an item an index holds; nothing if the item has no key of the index. */
function projected(item: Item | undefined, index: (typeof TABLE.indexes)[number]): Item | undefined {
  if (item?.[index.partitionKey] === undefined) return undefined;
  if (index.projection === 'ALL') return item;
  const names = ['PK', 'SK', index.partitionKey, index.sortKey, ...index.projection];
  return Object.fromEntries(names.flatMap((name) => (name in item ? [[name, item[name]]] : [])));
}

/** Write units of the indexes: none where what they hold did not change; two where the key did, a removal and a put. */
export function indexWrites(before: Item | undefined, after: Item | undefined): number {
  let units = 0;
  for (const index of TABLE.indexes) {
    const [old, next] = [projected(before, index), projected(after, index)];
    if (!old && !next) continue;
    const unitsOf = (item: Item | undefined): number => (item ? writeUnits(itemBytes(item)) : 0);
    const isMoved =
      old && next && (old[index.partitionKey] !== next[index.partitionKey] || old[index.sortKey] !== next[index.sortKey]);
    if (isMoved) units += unitsOf(old) + unitsOf(next);
    else if (JSON.stringify(old) !== JSON.stringify(next)) units += Math.max(unitsOf(old), unitsOf(next));
  }
  return units;
}
