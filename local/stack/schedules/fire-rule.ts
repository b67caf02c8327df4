/** EventBridge invokes asynchronously, and Lambda then tries a failed event twice more. */
const ATTEMPTS = 3;

/** Hands one event to a function as EventBridge does. Never rejects: the function's log says what went wrong. */
export async function fireRule(invoke: (event: object) => Promise<unknown>, event: object): Promise<void> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    try {
      await invoke(event);
      return;
    } catch {
      // The next attempt, if there is one, is the answer to it.
    }
  }
}
