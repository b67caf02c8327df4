/**
 * Works on all items of a stream while it is read, some at a time; an item is only asked for when there is room to work on it.
 * After the first failure nothing more is begun, what is under way is waited for, and only then the failure is thrown.
 */
export async function runStream<T>(items: AsyncGenerator<T>, atOnce: number, work: (item: T) => Promise<void>): Promise<void> {
  const failures: unknown[] = [];
  const isStopped = (): boolean => failures.length > 0;
  const worker = async (): Promise<void> => {
    try {
      while (!isStopped()) {
        const next = await items.next();
        if (next.done || isStopped()) return;
        await work(next.value);
      }
    } catch (error) {
      failures.push(error);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  if (failures.length === 0) return;
  // Whatever the stream still reads is let go.
  await items.return(undefined);
  throw failures[0];
}
