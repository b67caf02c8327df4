import { api, Problem } from './page-api.js';
import { sleep } from './page-dom.js';
import { runProgress, words } from './page-format.js';

const POLL_MS = 700;
const RETRY_MS = 4_000;
const ACTIVE = new Set(['queued', 'running']);

export const isActive = (run) => ACTIVE.has(run.state);

/**
 * A run as it is now. What may pass by itself, such as an interrupted network, is waited for.
 * @param onTrouble told of every try that got no answer
 * @param isWanted whether anybody still waits for it
 * @returns `undefined` when nobody does
 * @throws Problem that does not pass: the key is not accepted, or there is no such run
 */
export async function readRun(runId, { onTrouble, isWanted = () => true }) {
  while (isWanted()) {
    try {
      return await api.get(`/syncs/${encodeURIComponent(runId)}`);
    } catch (error) {
      if (!(error instanceof Problem) || !error.isPassing) throw error;
      if (isWanted()) onTrouble(error);
      await sleep(error.retryAfter === null ? RETRY_MS : error.retryAfter * 1_000);
    }
  }
  return undefined;
}

/** Waits for a sync run and says in `status` how far it is. @throws Problem when it failed */
export async function followRun(runId, status, what) {
  const onTrouble = ({ message }) => {
    status.textContent = `${what}: ${message}. Trying again…`;
  };
  for (;;) {
    const run = await readRun(runId, { onTrouble });
    if (!isActive(run)) return finish(run, status, what);
    status.textContent = `${what}: ${runProgress(run)}…`;
    await sleep(POLL_MS);
  }
}

function finish(run, status, what) {
  if (run.state === 'succeeded') {
    status.textContent = `${what}: done, ${runProgress(run)}.`;
    return;
  }
  status.textContent = `${what}: ${run.state}, ${runProgress(run)}.`;
  const [error] = run.errors;
  if (error) throw new Problem({ ...error, title: `${what}: ${words(error.code)}` });
}
