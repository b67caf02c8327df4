/**
 * The items of all streams, some streams read at a time, in the order in which they arrive. Each stream reads one item
 * ahead and waits until that one is taken, so no more than `atOnce` items are held besides the one that was handed out.
 * @throws the first failure of a stream
 */
export async function* mergeStreams<T>(streams: readonly (() => AsyncGenerator<T>)[], atOnce: number): AsyncGenerator<T> {
  type Arrival = { stream: AsyncGenerator<T>; next: IteratorResult<T> };
  const waiting = [...streams];
  const reading = new Map<AsyncGenerator<T>, Promise<Arrival>>();
  const read = (stream: AsyncGenerator<T>): void => {
    const arrival = stream.next().then((next) => ({ stream, next }));
    // Nobody may be left to hear of it.
    arrival.catch(() => undefined);
    reading.set(stream, arrival);
  };
  const open = (): void => {
    const stream = waiting.shift();
    if (stream) read(stream());
  };
  for (let count = 0; count < atOnce; count++) open();
  while (reading.size > 0) {
    const { stream, next } = await Promise.race(reading.values());
    if (next.done) {
      reading.delete(stream);
      open();
    } else {
      read(stream);
      yield next.value;
    }
  }
}
