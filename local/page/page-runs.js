import { api, Problem } from './page-api.js';
import { sleep } from './page-dom.js';
import { runProgress, words } from './page-format.js';

const POLL_MS = 700;
const ACTIVE = new Set(['queued', 'running']);

export const isActive = (run) => ACTIVE.has(run.state);

/** Waits for a sync run and says in `status` how far it is. @throws Problem when it failed */
export async function followRun(runId, status, what) {
  for (;;) {
    const run = await api.get(`/syncs/${encodeURIComponent(runId)}`);
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
