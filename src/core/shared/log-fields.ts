import { AUDIT_ACTIONS } from './audit-actions.ts';
import { ERROR_CODES } from './errors.ts';
import { FLAG, idLike, idOf, NUMBER, textLike, wordOf, type LogKind } from './log-kinds.ts';
import { PLATFORM_IDS } from './platform-id.ts';
import { RUN_TASKS } from './run-tasks.ts';

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const TIME = idLike(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?Z$/, '2026-11-23T04:00:00.000Z');
const FOLLOWUPS = [
  'sync',
  'revive-sync',
  'send',
  'settle-send',
  'settle-draft',
  'erase',
  'tidy-token',
  'catch-up',
  'probe-connection',
] as const;

/** Every field that a log line may have, and what its value may look like. Whatever is not here is not written. */
export const LOG_FIELDS = {
  tenantId: idOf('ten'),
  campaignId: idOf('cmp'),
  connectionId: idOf('con'),
  // The deployment, the tenant's digest, and a ULID.
  hookId: idLike(/^hook_[0-9A-Za-z]{1,10}[0-9a-f]{8}[0-9A-HJKMNP-TV-Z]{26}$/, 'hook_0a1b2c3d4e…'),
  keyId: idOf('key'),
  entryId: idOf('evt'),
  runId: idLike(/^sync_[a-z]{1,20}-[0-9A-HJKMNP-TV-Z]{26}$/, 'sync_metrics-01K…'),
  // Of API Gateway, or of Lambda where no request began it. Shorter than any secret, or in the form of a UUID.
  requestId: idLike(new RegExp(`^(?:[\\w-]{1,20}=?|${UUID})$`), 'JKJaXmPLvHcESHA='),
  invocationId: idLike(new RegExp(`^(?:[\\w-]{1,20}|${UUID})$`), '0b9c4f7e-…'),
  messageId: idLike(new RegExp(`^(?:[\\w-]{1,20}|${UUID})$`), '0b9c4f7e-…'),
  traceId: idLike(/^1-[0-9a-f]{8}-[0-9a-f]{24}$/, '1-6745a0c0-0f3c…'),
  causeTraceId: idLike(/^1-[0-9a-f]{8}-[0-9a-f]{24}$/, '1-6745a0c0-0f3c…'),
  // Keyed, so that nobody can guess whose it is; an operator finds an erasure by it.
  addressHash: idLike(/^[0-9a-f]{64}$/, '9f86d0…'),
  route: idLike(/^(?:(?:[A-Z]{3,7}) (?:\/(?:[a-z0-9.-]{1,24}|\{[A-Za-z]{1,20}\+?\}))*\/?|\$default)$/, 'GET /v1/campaigns/{id}'),
  platform: wordOf(PLATFORM_IDS),
  task: wordOf([...RUN_TASKS, ...FOLLOWUPS]),
  trigger: wordOf(['schedule', 'manual', 'connect']),
  state: wordOf(['succeeded', 'partial', 'failed', 'cancelled']),
  queue: wordOf(['sync', 'followups']),
  action: wordOf(AUDIT_ACTIONS),
  code: wordOf(ERROR_CODES),
  answer: wordOf(['accepted', 'unknown', 'busy', ...ERROR_CODES]),
  why: wordOf(['stale', 'forged']),
  kept: wordOf(['new', 'again', 'full']),
  obstacle: wordOf(['away', 'busy', 'late', 'refused']),
  signed: FLAG,
  failedAt: TIME,
  silentSince: TIME,
  status: NUMBER,
  ms: NUMBER,
  durationMs: NUMBER,
  calls: NUMBER,
  tries: NUMBER,
  step: NUMBER,
  deaths: NUMBER,
  receives: NUMBER,
  tenants: NUMBER,
  failures: NUMBER,
  audiences: NUMBER,
  reports: NUMBER,
  probe: NUMBER,
  droppedFields: NUMBER,
  field: textLike('data[email]'),
  reason: textLike('TypeError at runSync (index.mjs:812:9)'),
  // As `failure-reason.ts` names it. Without digits: so no secret, no address, and no sentence looks like one.
  fault: idLike(/^[A-Za-z_]{1,60}$/, 'TypeError'),
  where: textLike('runSync (index.mjs:812:9)'),
} as const satisfies Record<string, LogKind>;

export type LogField = keyof typeof LOG_FIELDS;
type ValueOf<K extends LogKind> = K extends { kind: 'number' } ? number : K extends { kind: 'flag' } ? boolean : string;
/** What a caller may hand over under a field's name; nothing is written for `undefined` and `null`. */
export type LogValue<F extends LogField> = ValueOf<(typeof LOG_FIELDS)[F]> | null | undefined;

/** The fields that every line has without its caller: what ties the lines of one request together, across the queues. */
export const CONTEXT_FIELDS = [
  'requestId',
  'invocationId',
  'messageId',
  'runId',
  'traceId',
  'causeTraceId',
] as const satisfies readonly LogField[];
