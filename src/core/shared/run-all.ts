/**
 * Works on all items, some at a time. After the first failure nothing more is begun, what is under way is waited for,
 * and only then the failure is thrown: nothing goes on behind the caller's back.
 * @param work told whether another item has failed, so that a long one can stop early
 */
export async function runAll<T, R>(
  items: readonly T[],
  atOnce: number,
  work: (item: T, isStopped: () => boolean) => Promise<R>,
): Promise<R[]> {
  const results = new Map<number, R>();
  const failures: unknown[] = [];
  const isStopped = (): boolean => failures.length > 0;
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) {
      if (isStopped()) return;
      try {
        results.set(index, await work(item, isStopped));
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  if (failures.length > 0) throw failures[0];
  return [...results].sort(([a], [b]) => a - b).map(([, result]) => result);
}
