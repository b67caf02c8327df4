import { api } from './page-api.js';

let known;

/** Whether the key of this tab may start and cancel things; asked once. */
export async function mayWrite() {
  known ??= api.get('/me').catch((error) => {
    known = undefined;
    throw error;
  });
  return (await known).role !== 'viewer';
}

/** Shows a control to those who may use it. */
export async function showToWriters(control) {
  control.hidden = !(await mayWrite());
}
