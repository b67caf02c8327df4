/** What a run can be of, once: whatever has a list of its own takes it from here. These are on a schedule. */
export const SYNC_TASKS = ['suppressions', 'metrics', 'audiences', 'automations'] as const;
export type SyncTask = (typeof SYNC_TASKS)[number];
/** With the one that only a person starts. */
export const RUN_TASKS = [...SYNC_TASKS, 'push'] as const;
export type RunTask = (typeof RUN_TASKS)[number];
