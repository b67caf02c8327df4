import {
  indexedAs,
  type Connection,
  type ConnectionStore,
  type TokenOwner,
  type TokenStore,
} from '../../src/core/connection/connection.ts';
import type { OAuthSession, OAuthSessionStore } from '../../src/core/connection/oauth-session.ts';
import { AppError } from '../../src/core/shared/app-error.ts';
import { tick } from './test-clock.ts';

export interface FakeConnections extends ConnectionStore {
  readonly records: Map<string, Connection>;
  saves: number;
}

/** One connection per tenant and platform, guarded by its version. */
export function fakeConnections(...present: readonly Connection[]): FakeConnections {
  const keyOf = (tenantId: string, platform: string): string => `${tenantId}/${platform}`;
  const records = new Map(present.map((connection) => [keyOf(connection.tenantId, connection.platform), connection]));
  const store: FakeConnections = {
    records,
    saves: 0,
    async get(tenantId, platform) {
      await tick();
      return structuredClone(records.get(keyOf(tenantId, platform)));
    },
    async list(tenantId) {
      await tick();
      return structuredClone([...records.values()].filter((connection) => connection.tenantId === tenantId));
    },
    async save(connection) {
      await tick();
      store.saves++;
      const key = keyOf(connection.tenantId, connection.platform);
      if ((records.get(key)?.version ?? 0) !== connection.version) return undefined;
      const saved = { ...structuredClone(connection), version: connection.version + 1 };
      records.set(key, saved);
      return structuredClone(saved);
    },
    async *indexed(_platform, which) {
      await tick();
      for (const connection of records.values()) {
        if (indexedAs(connection) !== which) continue;
        yield [{ tenantId: connection.tenantId, vendorUser: connection.vendorUser ?? '' }];
      }
    },
  };
  return store;
}

export interface FakeTokens extends TokenStore {
  /** By reference. */
  readonly held: Map<string, string>;
  /** References the vendor refused. */
  readonly forgotten: string[];
  /** References that begin with this are kept as new ones are. */
  preferred: string;
}

/** Keeps each token under its owner's name. A reference that begins otherwise is one of a former way of keeping. */
export function fakeTokens(held: Readonly<Record<string, string>> = {}): FakeTokens {
  const tokens = new Map(Object.entries(held));
  const forgotten: string[] = [];
  const nameOf = ({ tenantId, platform, connectionId }: TokenOwner): string => `${tenantId}/${platform}/${connectionId}`;
  const store: FakeTokens = {
    held: tokens,
    forgotten,
    preferred: 'secret:',
    async create(owner, token) {
      await tick();
      const ref = `${store.preferred}${nameOf(owner)}`;
      tokens.set(ref, token);
      return ref;
    },
    async read(owner, ref) {
      await tick();
      const token = tokens.get(ref);
      if (token === undefined || !ref.endsWith(`:${nameOf(owner)}`)) throw new AppError('invalid_token', 'The token is gone.');
      return token;
    },
    async remove(owner, except) {
      await tick();
      for (const ref of tokens.keys()) if (ref !== except && ref.endsWith(`:${nameOf(owner)}`)) tokens.delete(ref);
    },
    keepsAs: (ref) => ref.startsWith(store.preferred),
    forget: (ref) => void forgotten.push(ref),
  };
  return store;
}

export interface FakeSessions extends OAuthSessionStore {
  readonly records: Map<string, OAuthSession>;
}

export function fakeSessions(): FakeSessions {
  const records = new Map<string, OAuthSession>();
  return {
    records,
    async begin(session) {
      await tick();
      records.set(session.stateHash, session);
    },
    async consumeState(stateHash, platform, now) {
      await tick();
      const session = records.get(stateHash);
      if (session?.phase !== 'begun' || session.platform !== platform || session.expiresAtMs <= now) return undefined;
      records.set(stateHash, { ...session, phase: 'exchanging' });
      return { ...session, phase: 'exchanging' };
    },
    async authorize(stateHash, ticketHash, sealedToken) {
      await tick();
      const session = records.get(stateHash);
      if (session?.phase === 'exchanging') records.set(stateHash, { ...session, phase: 'authorized', ticketHash, sealedToken });
    },
    async take({ stateHash, ticketHash, tenantId, platform, now }) {
      await tick();
      const session = records.get(stateHash);
      const fits =
        session?.phase === 'authorized' &&
        session.ticketHash === ticketHash &&
        session.tenantId === tenantId &&
        session.platform === platform &&
        session.expiresAtMs > now;
      if (!fits) return undefined;
      records.delete(stateHash);
      return session;
    },
  };
}
