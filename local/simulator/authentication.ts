import { sha256 } from './ids.ts';
import { forbidden, keyInvalid, problemNamed, tooManyRequests } from './problem.ts';
import type { Account } from './records.ts';
import type { Simulation } from './state.ts';

/**
 * Whose call this is. `Bearer`, `OAuth` and Basic with any user name are accepted.
 * @throws ApiProblem 401 without a living token or on another data centre's host, 403 for a disabled account
 */
export function authenticate(sim: Simulation, authorization: string | undefined, host: string | undefined): Account {
  const token = tokenFrom(authorization);
  if (token === undefined) throw problemNamed('APIKeyMissing');
  const account = accountOfToken(sim, token);
  if (account === undefined) throw keyInvalid();
  const dc = /^([a-z]{2,}\d{1,3})\.api\.mailchimp\.com(:\d+)?$/.exec(host ?? '')?.[1];
  if (dc !== undefined && dc !== account.dc) {
    throw sim.state.settings.wrongDatacenterStatus === 403 ? problemNamed('WrongDatacenter') : keyInvalid();
  }
  if (account.disabled) throw problemNamed('UserDisabled');
  return account;
}

/** The account a token still gives access to. */
export function accountOfToken(sim: Simulation, token: string): Account | undefined {
  const grant = sim.state.tokens[sha256(token)];
  if (grant === undefined || grant.revoked || grant.refresh) return undefined;
  if (grant.lifetimeMs > 0 && sim.now() - grant.issuedAt >= grant.lifetimeMs) return undefined;
  return sim.state.accounts.find((account) => account.id === grant.accountId);
}

/** The token in an `Authorization` header, whichever of the accepted forms it has. */
export function tokenFrom(authorization: string | undefined): string | undefined {
  const [, scheme = '', credentials = ''] = /^(\S+)\s+(.+)$/.exec(authorization ?? '') ?? [];
  if (/^(bearer|oauth)$/i.test(scheme)) return credentials;
  if (!/^basic$/i.test(scheme)) return undefined;
  const password = Buffer.from(credentials, 'base64').toString('utf8').split(':').slice(1).join(':');
  return password.replace(/-[a-z]{2,}\d{1,3}$/, '') || undefined;
}

interface Slot {
  readonly inFlight: number;
  readonly release: () => void;
}

/** The simultaneous calls of each owner: of a vendor user, that is, whichever token or account they come through. */
export class Slots {
  readonly #inFlight = new Map<string, number>();

  /**
   * Takes a slot and returns how to give it back.
   * @throws ApiProblem 429 when all are taken
   */
  take(sim: Simulation, owner: string): Slot {
    const { maxConcurrency } = sim.state.settings;
    const inFlight = (this.#inFlight.get(owner) ?? 0) + 1;
    if (inFlight > maxConcurrency) {
      throw tooManyRequests(maxConcurrency);
    }
    this.#inFlight.set(owner, inFlight);
    return { inFlight, release: () => this.#inFlight.set(owner, (this.#inFlight.get(owner) ?? 1) - 1) };
  }
}

/**
 * Keeps people to what their role may do: a viewer reads, an author drafts.
 * @throws ApiProblem 403
 */
export function checkRole(account: Account, method: string, pattern: string): void {
  const reads = method === 'GET';
  const sends = /\/actions\/(send|schedule|unschedule|cancel-send)$/.test(pattern);
  if ((account.role === 'viewer' && !reads) || (account.role === 'author' && sends)) {
    throw forbidden();
  }
}
