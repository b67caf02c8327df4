import pLimit from 'p-limit';

/** `not_checked` is no verdict: nobody looked, and `says` tells why. */
export type Verdict = 'ok' | 'warn' | 'bad' | 'not_checked';

/** What one look found, and what to do about it. Never holds a secret or an address of a person. */
export interface Finding {
  verdict: Verdict;
  says: string;
  /** What to do; only where something is to be done. */
  todo?: string;
}

export interface Check {
  name: string;
  /** The rights it needs, for the sentence that says which one is missing. */
  rights: readonly string[];
  look(): Promise<Finding | readonly Finding[]>;
}

export interface Row extends Finding {
  check: string;
}

export const ok = (says: string): Finding => ({ verdict: 'ok', says });
export const warn = (says: string, todo: string): Finding => ({ verdict: 'warn', says, todo });
export const bad = (says: string, todo: string): Finding => ({ verdict: 'bad', says, todo });
export const notChecked = (says: string): Finding => ({ verdict: 'not_checked', says });

/** A look that takes longer is given up. */
export const LOOK_WITHIN_MS = 60_000;
const AT_ONCE = 6;
const REFUSED =
  /AccessDenied|UnauthorizedOperation|AuthorizationError|NotAuthorized|UnrecognizedClient|ExpiredToken|InvalidClientToken/;

const isRefusal = (error: Error): boolean => REFUSED.test(error.name) || /is not authorized to perform/.test(error.message);

/** Whatever a look stumbles over is said in its row, and keeps no other look from being taken. Only names of errors are told. */
async function take(check: Check, withinMs: number): Promise<readonly Finding[]> {
  const { rights } = check;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Finding>((resolve) => {
    timer = setTimeout(() => resolve(notChecked(`No answer within ${withinMs / 1_000} s.`)), withinMs);
  });
  try {
    return [await Promise.race([check.look(), late])].flat();
  } catch (error) {
    if (!(error instanceof Error)) return [notChecked('It went wrong for an unknown reason.')];
    if (isRefusal(error)) return [notChecked(`Needs the right ${rights.join(', ')}.`)];
    return [warn(`The look failed: ${error.name}.`, `Look again; it asks ${rights.join(', ') || 'the network'}.`)];
  } finally {
    clearTimeout(timer);
  }
}

/** Takes all looks, a few at a time. @returns their findings, in the order of the checks */
export async function runChecks(checks: readonly Check[], withinMs = LOOK_WITHIN_MS): Promise<Row[]> {
  const limit = pLimit(AT_ONCE);
  const found = await Promise.all(
    checks.map((check) =>
      limit(async () => (await take(check, withinMs)).map((finding): Row => ({ check: check.name, ...finding }))),
    ),
  );
  return found.flat();
}

/** What the command ends with: 2 when something is bad, 1 when something deserves a look or nothing could be looked at, else 0. */
export function exitCodeOf(rows: readonly Row[]): 0 | 1 | 2 {
  if (rows.some(({ verdict }) => verdict === 'bad')) return 2;
  return rows.some(({ verdict }) => verdict === 'warn') || rows.every(({ verdict }) => verdict === 'not_checked') ? 1 : 0;
}
