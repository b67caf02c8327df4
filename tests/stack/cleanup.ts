import { afterEach } from '@jest/globals';

type Close = () => Promise<void> | void;
const pending: Close[] = [];

afterEach(async () => {
  for (let close = pending.pop(); close !== undefined; close = pending.pop()) await close();
});

/** Makes sure that `close` is called once: by the test itself, or after it, should it fail before. */
export function closesWithTest(close: Close): () => Promise<void> {
  let closed = false;
  const once = async (): Promise<void> => {
    if (closed) return;
    closed = true;
    await close();
  };
  pending.push(once);
  return once;
}
