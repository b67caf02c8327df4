import type { Connection, ConnectionStore, TokenStore } from '../../src/core/connection/connection.ts';
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
    async *connected() {
      await tick();
      for (const connection of records.values()) {
        if (connection.status !== 'connected') continue;
        yield [{ tenantId: connection.tenantId, vendorUser: connection.vendorUser ?? '' }];
      }
    },
  };
  return store;
}

export interface FakeTokens extends TokenStore {
  readonly held: Map<string, string>;
}

export function fakeTokens(held: Readonly<Record<string, string>> = {}): FakeTokens {
  const tokens = new Map(Object.entries(held));
  return {
    held: tokens,
    async create({ tenantId, platform, connectionId }, token) {
      await tick();
      const ref = `secret:${tenantId}/${platform}/${connectionId}`;
      tokens.set(ref, token);
      return ref;
    },
    async read(ref) {
      await tick();
      const token = tokens.get(ref);
      if (token === undefined) throw new AppError('invalid_token', 'The token is gone.');
      return token;
    },
    async remove(ref) {
      await tick();
      tokens.delete(ref);
    },
  };
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
