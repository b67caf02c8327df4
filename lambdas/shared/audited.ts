import * as z from 'zod';
import type { Route } from '../../src/contract/route.ts';
import type { AuditClosing, AuditStore, AuditTarget, NewAuditEntry } from '../../src/core/audit/audit-entry.ts';
import { AppError, isAppError } from '../../src/core/shared/app-error.ts';
import type { AuditAction } from '../../src/core/shared/audit-actions.ts';
import { toIso, type Clock } from '../../src/core/shared/clock.ts';
import { emailSchema, normalizeEmail } from '../../src/core/shared/email-address.ts';
import { faultOf, firstFrame } from '../../src/core/shared/failure-reason.ts';
import { newId } from '../../src/core/shared/ids.ts';
import type { Log } from '../../src/core/shared/log.ts';
import { withoutAddresses } from '../../src/core/shared/without-addresses.ts';
import type { AddressHasher } from '../../src/core/suppression/suppression.ts';
import type { Caller } from './authenticate.ts';
import type { Answer, Call } from './route-handler.ts';

export interface AuditDeps {
  clock: Clock;
  log: Log;
  audit: AuditStore;
  hasher: AddressHasher;
}

/** A request as its route declares it, or as near to that as a refused one comes. */
interface Asked {
  params: unknown;
  body: unknown;
  call: Call;
}

const USER_AGENT_LENGTH = 256;

/** The action under which the trail takes a request down, if it does. */
export const actionOf = (route: Route, body: unknown): AuditAction | undefined =>
  route.auditIf === undefined || route.auditIf.safeParse(body).success ? route.audit : undefined;

const named = z.object({ id: z.string().optional(), platform: z.string().optional(), email: emailSchema.optional() });
const addressed = z.object({ email: emailSchema });

/** What the path names, or the address in the body; an address enters the trail as its keyed hash only. */
async function targetOf(deps: AuditDeps, tenantId: string, action: AuditAction, asked: Asked): Promise<AuditTarget | null> {
  const [type = ''] = action.split('.');
  const { id, platform, email } = named.safeParse(asked.params).data ?? {};
  const address = email ?? addressed.safeParse(asked.body).data?.email;
  const target = id ?? platform ?? (address && (await deps.hasher.hash(tenantId, normalizeEmail(address))));
  return target ? { type, id: target } : null;
}

/** Writes the entry of a request: 1 WRU. @throws AppError `service_unavailable`: what the trail cannot take down does not happen */
export async function takeDown(
  deps: AuditDeps,
  caller: Caller,
  action: AuditAction,
  asked: Asked,
  state: Pick<NewAuditEntry, 'outcome' | 'error'>,
): Promise<NewAuditEntry> {
  const now = deps.clock.now();
  const { tenantId, role, actor, actorKind, actorName } = caller;
  const { event, requestId } = asked.call;
  try {
    const entry: NewAuditEntry = {
      id: newId('auditEntry', now),
      tenantId,
      at: toIso(now),
      action,
      ...state,
      // The name of a key is a free text, that of a person the address they sign in with.
      actor: { kind: actorKind, id: actor, name: actorKind === 'key' ? withoutAddresses(actorName) : actorName, role },
      target: await targetOf(deps, tenantId, action, asked),
      before: null,
      after: null,
      ip: event.requestContext.http.sourceIp || null,
      userAgent: withoutAddresses(event.headers['user-agent']?.slice(0, USER_AGENT_LENGTH) ?? '') || null,
      requestId,
    };
    await deps.audit.write(entry);
    return entry;
  } catch (error) {
    deps.log.error('audit.not_opened', { tenantId, action, requestId, fault: faultOf(error), where: firstFrame(error) });
    throw new AppError('service_unavailable', 'The audit trail could not be written, so nothing was done.', {
      retryAfterSeconds: 1,
    });
  }
}

/** A request that has had its effect is not undone by a trail that cannot be written: its entry stays open. */
async function close(deps: AuditDeps, entry: NewAuditEntry, call: Call, end: Pick<AuditClosing, 'outcome' | 'error'>) {
  const { tenantId, id, action } = entry;
  const { target = entry.target, before = null, after = null } = call.audit.told();
  try {
    await deps.audit.close(tenantId, id, { ...end, target, before, after });
  } catch (error) {
    deps.log.error('audit.not_closed', { tenantId, entryId: id, action, fault: faultOf(error), where: firstFrame(error) });
  }
}

const failureOf = (error: unknown): Pick<AuditClosing, 'outcome' | 'error'> => {
  if (!isAppError(error)) return { outcome: 'failure', error: 'internal_error' };
  return { outcome: error.code === 'forbidden' ? 'denied' : 'failure', error: error.code };
};

/**
 * Runs a request between two writes of the trail: its entry is there before anything happens, and is told the outcome
 * once. A process that ends in between leaves an entry without an end, so no effect is without an entry. 2 WRU.
 * @throws AppError `service_unavailable` when the entry cannot be written; nothing has happened then
 */
export async function audited(deps: AuditDeps, route: Route, asked: Asked, run: () => Promise<Answer>): Promise<Answer> {
  const { call } = asked;
  const action = actionOf(route, asked.body);
  if (!action || !call.caller) return run();
  const entry = await takeDown(deps, call.caller, action, asked, { outcome: 'started', error: null });
  let answer: Answer;
  try {
    answer = await run();
  } catch (error) {
    await close(deps, entry, call, failureOf(error));
    throw error;
  }
  const { error = null } = call.audit.told();
  await close(deps, entry, call, { outcome: error ? 'failure' : 'success', error });
  return answer;
}
