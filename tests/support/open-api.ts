import { httpHandler } from '../../lambdas/shared/http-handler.ts';
import { handle, noContent, ok, type Answer } from '../../lambdas/shared/route-handler.ts';
import type { AuditDeps } from '../../lambdas/shared/audited.ts';
import type { AuditNotes } from '../../lambdas/shared/audit-notes.ts';
import type { AuthenticateDeps } from '../../lambdas/shared/authenticate.ts';
import type { IdempotentDeps } from '../../lambdas/shared/idempotently.ts';
import { ROUTES, type RouteId } from '../../src/contract/routes.ts';
import { sha256 } from '../../src/core/shared/ids.ts';
import type { ApiKey } from '../../src/core/tenant/api-key.ts';
import type { IdempotencyStore } from '../../src/storage/idempotency-store.ts';
import type { Wrap } from './crashes.ts';
import { TENANT } from './factories.ts';
import { fakeAudit } from './fake-audit.ts';
import { fakeHasher } from './fake-suppressions.ts';
import { aContext, anEvent, type EventInput } from './http-event.ts';
import { testClock, tick } from './test-clock.ts';
import { testLog } from './test-log.ts';

export type App = AuthenticateDeps & IdempotentDeps & AuditDeps;
/** What a handler does, in place of the real one. */
export interface Effect {
  act(audit: AuditNotes): Promise<void>;
}

let letter = 0;
/** A key that no other test holds: a function remembers the keys it has seen. */
const newKey = (): string => `ilx_test_${String(++letter).padStart(43, 'k')}`;

/** The answers kept under each key, without leases. */
function fakeIdempotency(): IdempotencyStore {
  const kept = new Map<string, { request: string; answer: { statusCode: number; body?: string | undefined } }>();
  return {
    async begin(_tenantId, key, request) {
      await tick();
      const found = kept.get(key);
      if (found) return found.request === request ? { answer: found.answer } : 'reused';
      return { operation: { begunAtMs: 0, isRepeat: false } };
    },
    async finish(_tenantId, key, request, _operation, answer) {
      await tick();
      kept.set(key, { request, answer });
    },
    async abandon() {
      await tick();
    },
    async release() {
      await tick();
    },
  };
}

/** A few routes behind the real HTTP handler, with a handler whose effect a test decides. */
export function openApi(startProcess: () => Wrap = () => (port) => port, keyName?: string) {
  const clock = testClock();
  const log = testLog();
  const audit = fakeAudit();
  const idempotency = fakeIdempotency();
  const roles = ['owner', 'admin', 'editor', 'writer', 'viewer'] as const;
  const keyOf = Object.fromEntries(roles.map((role) => [role, newKey()]));
  const keys = new Map(
    roles.map((role): [string, ApiKey] => {
      const hash = sha256(keyOf[role] ?? '');
      return [
        hash,
        {
          id: `key_of_${role}`,
          tenantId: TENANT,
          name: keyName ?? `The ${role}`,
          role,
          hash,
          createdAt: '2026-09-01T08:00:00.000Z',
          lastUsedAt: null,
        },
      ];
    }),
  );
  const apiKeys: App['apiKeys'] = {
    findByHash: (hash) => Promise.resolve(keys.get(hash)),
    create: () => Promise.resolve(),
    list: () => Promise.resolve([]),
    revoke: () => Promise.resolve(false),
    touch: () => Promise.resolve(),
  };

  /** Lets one process answer one request; the effect is a port like any other, so that a process may end around it. */
  async function answer(id: RouteId, input: Omit<EventInput, 'routeKey'>, effect: Effect = { act: () => Promise.resolve() }) {
    const wrap = startProcess();
    const own = wrap(effect);
    const app: App = {
      clock,
      log,
      apiKeys,
      idempotency,
      rates: { count: () => Promise.resolve(0) },
      verifyPerson: undefined,
      audit: wrap(audit),
      hasher: fakeHasher,
    };
    const perform = async (notes: AuditNotes, given: Answer): Promise<Answer> => {
      await own.act(notes);
      return given;
    };
    const handler = httpHandler<App>(
      {
        complete: handle(ROUTES.complete, ({ call }, _app: App) => perform(call.audit, ok({}))),
        createApiKey: handle(ROUTES.createApiKey, ({ call }, _app: App) => perform(call.audit, ok({}, 201))),
        createCampaign: handle(ROUTES.createCampaign, ({ call }, _app: App) => perform(call.audit, ok({}, 201))),
        sendCampaign: handle(ROUTES.sendCampaign, ({ call }, _app: App) => perform(call.audit, ok({}))),
        addSuppression: handle(ROUTES.addSuppression, ({ call }, _app: App) => perform(call.audit, ok({}, 201))),
        liftSuppression: handle(ROUTES.liftSuppression, ({ call }, _app: App) => perform(call.audit, noContent)),
        getSettings: handle(ROUTES.getSettings, ({ call }, _app: App) => perform(call.audit, ok({}))),
      },
      () => app,
    );
    const result = await handler(anEvent({ ...input, routeKey: `${ROUTES[id].method} ${ROUTES[id].path}` }), aContext);
    return { status: result.statusCode, body: result.body ?? '' };
  }

  return { clock, log, audit, keyOf, answer, entries: () => [...audit.entries.values()] };
}
