import { bad, ok, warn, type Finding } from './check.ts';

/** How near something is to a quota: four fifths deserve a look, all of it is bad. */
export function nearQuota(what: string, used: number, quota: number, todo: string): Finding {
  const figures = `${what}: ${Math.round(used).toLocaleString('en')} of ${quota.toLocaleString('en')}`;
  if (used >= quota) return bad(`${figures}.`, todo);
  return used >= 0.8 * quota ? warn(`${figures}.`, todo) : ok(`${figures}.`);
}
