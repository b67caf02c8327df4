import type { TokenOwner, TokenStore } from '../core/connection/connection.ts';
import { AppError } from '../core/shared/app-error.ts';
import { MINUTE, type Clock } from '../core/shared/clock.ts';

/** One place where tokens can be. */
export interface TokenPlace {
  create(owner: TokenOwner, token: string): Promise<string>;
  read(owner: TokenOwner, tokenRef: string): Promise<string>;
  remove(owner: TokenOwner): Promise<void>;
  /** Whether the reference leads here. */
  holds(tokenRef: string): boolean;
}

/** A warm function knows a token for at most this long. */
const KNOWN_FOR_MS = 5 * MINUTE;
const KNOWN_AT_MOST = 1_000;

/**
 * New tokens go to the first place, existing ones are read where they are, and removing clears every place: a token that is
 * changing over may be in two.
 */
export function makeTokenStore(clock: Clock, preferred: TokenPlace, ...others: readonly TokenPlace[]): TokenStore {
  const places = [preferred, ...others];
  const known = new Map<string, { owner: string; token: string; until: number }>();
  const nameOf = ({ tenantId, platform, connectionId }: TokenOwner): string => JSON.stringify([tenantId, platform, connectionId]);
  return {
    create: (owner, token) => preferred.create(owner, token),
    async read(owner, tokenRef) {
      const now = clock.now();
      const held = known.get(tokenRef);
      if (held && held.until > now && held.owner === nameOf(owner)) return held.token;
      const place = places.find((candidate) => candidate.holds(tokenRef));
      if (!place) throw new AppError('invalid_token', 'The token is nowhere that this deployment knows.');
      const token = await place.read(owner, tokenRef);
      if (known.size >= KNOWN_AT_MOST) known.clear();
      known.set(tokenRef, { owner: nameOf(owner), token, until: now + KNOWN_FOR_MS });
      return token;
    },
    async remove(owner, except) {
      for (const place of places) if (except === undefined || !place.holds(except)) await place.remove(owner);
      for (const [tokenRef, held] of known) if (held.owner === nameOf(owner) && tokenRef !== except) known.delete(tokenRef);
    },
    keepsAs: (tokenRef) => preferred.holds(tokenRef),
    forget: (tokenRef) => void known.delete(tokenRef),
  };
}
