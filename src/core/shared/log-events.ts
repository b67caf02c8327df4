import type { LogField } from './log-fields.ts';

interface EventSpec {
  /** Who writes it. */
  by: 'api' | 'webhook' | 'dispatcher' | 'sync-worker' | 'followups' | 'queues' | 'any';
  when: string;
  fields: readonly LogField[];
}
const event = <const F extends readonly LogField[]>(by: EventSpec['by'], when: string, fields: F) => ({ by, when, fields });

const CAMPAIGN = ['tenantId', 'campaignId'] as const;
const CONNECTION = ['tenantId', 'platform'] as const;
const HOOK = ['tenantId', 'hookId'] as const;
const RUN = ['tenantId', 'runId', 'task'] as const;
const ERASURE = ['tenantId', 'addressHash'] as const;

/** Every line that the service writes. `docs/logs.md` is printed from it. */
export const LOG_EVENTS = {
  'http.answered': event('api', 'a request was answered; `fault` and `where` for a bug', [
    'route',
    'requestId',
    'status',
    'ms',
    'code',
    'fault',
    'where',
  ]),
  'audit.not_opened': event('api', 'the trail could not be written, so nothing was done', [
    'tenantId',
    'action',
    'requestId',
    'fault',
    'where',
  ]),
  'audit.not_closed': event('api', 'what was asked for happened, and its entry stays `unknown`', [
    'tenantId',
    'entryId',
    'action',
    'fault',
    'where',
  ]),
  'audit.not_recorded': event('any', 'what the service did by itself is not in the trail', ['tenantId', 'action']),
  'api_key.not_touched': event('api', 'the last use of a key could not be noted', ['tenantId', 'keyId', 'fault', 'where']),

  'webhook.answered': event('webhook', 'a delivery or a probe was answered', ['route', 'requestId', 'status']),
  'webhook.failed': event(
    'webhook',
    'what a delivery says could not be stored: it is answered 503; `hookId` as its path names it',
    ['hookId', 'code', 'fault', 'where'],
  ),
  'webhook.late': event('webhook', 'a store did not answer within 7 s: the delivery is answered 503', ['hookId']),
  'webhook.rejected': event('webhook', 'the signature is wrong or old', [...HOOK, 'why']),
  'webhook.not_counted': event('webhook', 'a stored delivery could not be counted', [...HOOK, 'code']),
  'webhook.other_audience': event('webhook', 'the body names another audience than the secret', HOOK),
  'webhook.quarantined': event('webhook', 'an authentic delivery could not be understood', [...HOOK, 'field', 'reason', 'kept']),
  'webhook.registered': event('any', 'a webhook stands at the vendor', [...HOOK, 'signed']),
  'webhook.not_registered': event('any', 'a webhook could not be made on connecting', ['tenantId', 'code']),
  'webhook.not_removed': event('any', 'a webhook stays at the vendor; it is answered 410', [...HOOK, 'code']),
  'webhook.downgrade_refused': event('any', 'the vendor would no longer sign what it signed before', HOOK),

  'campaign.sent': event('any', 'a send ended well', CAMPAIGN),
  'campaign.send_answered': event('followups', 'the vendor was asked to send, and said this', [...CAMPAIGN, 'answer']),
  'campaign.send_refused': event('api', 'pre-flight refused a send', [...CAMPAIGN, 'code']),
  'campaign.draft_not_settled': event('followups', 'it cannot be told whether a draft was made at the vendor', [
    ...CAMPAIGN,
    'code',
    'tries',
  ]),
  'campaign.second_draft_removed': event('followups', 'a draft that was made twice was removed once', CAMPAIGN),
  'campaign.draft_left_at_vendor': event('any', 'a deleted draft stays at the vendor', [...CAMPAIGN, 'code']),

  'connection.completed': event('api', 'a tenant connected', [...CONNECTION, 'connectionId']),
  'connection.removed': event('api', 'a tenant disconnected', CONNECTION),
  'connection.exchange_failed': event('api', 'a consent did not become a token', ['tenantId', 'code']),
  'connection.former_token_kept': event('api', 'the token before this one could not be removed', [...CONNECTION, 'code']),
  'connection.first_look_failed': event('api', 'the first read of an account failed; the next sync brings it', [
    'tenantId',
    'code',
  ]),
  'connection.lost': event('any', 'a token is dead or an account disabled: the tenant has to reconnect', [...CONNECTION, 'code']),
  'connection.in_doubt': event('any', 'a token was refused and called valid: it is probed', CONNECTION),
  'connection.doubt_lifted': event('followups', 'the token in doubt works', [...CONNECTION, 'probe']),
  'connection.revived': event('sync-worker', 'an account that was disabled works again', CONNECTION),

  'sync.dispatched': event('dispatcher', 'a schedule queued its runs', ['task', 'tenants', 'ms']),
  'sync.dispatch_incomplete': event('dispatcher', 'a schedule could not queue all of its runs', [
    'task',
    'tenants',
    'ms',
    'failures',
  ]),
  'sync.queued': event('any', 'a run was started by hand or on connecting', [...RUN, 'trigger']),
  'sync.finished': event('sync-worker', 'a run ended', [...RUN, 'state', 'calls', 'durationMs']),
  'sync.stopped': event('sync-worker', 'a worker noticed that its run is over', RUN),
  'sync.cancelled': event('api', 'somebody ended a run', RUN),
  'sync.given_up': event('sync-worker', 'the message of a run failed for the last time', RUN),
  'sync.lost': event('any', 'a run was silent for too long or too often, and is over', [...RUN, 'step', 'deaths']),
  'sync.revived': event('any', 'a silent run was queued again', [...RUN, 'step', 'silentSince']),
  'sync.silence_not_reported': event('api', 'a silent run was seen, and nobody could be told', [...RUN, 'reason']),
  'report.unreadable': event('sync-worker', 'the vendor gave reports in a form we do not know', ['tenantId', 'runId', 'reports']),
  'drift.not_counted': event('any', 'what a webhook missed is stored and could not be counted', ['tenantId', 'code']),
  'suppression.links_cut_off': event('any', 'an address is linked with more others than are told', ERASURE),

  'contact.erasure_begun': event('api', 'an erasure is about to begin; read again after a restore', ERASURE),
  'contact.erased': event('any', 'every audience was asked; read again after a restore', [...ERASURE, 'audiences']),
  'contact.erasure_unfinished': event('followups', 'an erasure has to be gone on with', [...ERASURE, 'obstacle', 'tries']),

  'message.failed': event('queues', 'work on a message threw; it comes again', [
    'queue',
    'messageId',
    'receives',
    'fault',
    'code',
    'where',
  ]),
  'message.dead_lettered': event('queues', 'a message was given up', [
    'queue',
    'tenantId',
    'task',
    'runId',
    'reason',
    'failedAt',
    'receives',
    'messageId',
  ]),
  'message.not_dead_lettered': event('queues', 'a message was given up, and its reason could not be kept', [
    'queue',
    'messageId',
    'fault',
    'where',
  ]),
  'message.not_given_up': event('queues', 'the run of a message that is given up could not be ended', [
    'queue',
    'messageId',
    'fault',
    'where',
  ]),
  'invocation.failed': event('any', 'something was thrown that nothing else tells of; Lambda begins it again where it may', [
    'fault',
    'where',
  ]),
  'metrics.not_printed': event('any', 'numbers were counted and could not be printed', []),
  'log.unlisted': event('any', 'a line was to be written that is not on this list', []),
} as const satisfies Record<string, EventSpec>;

export type LogEvent = keyof typeof LOG_EVENTS;
export type FieldOf<E extends LogEvent> = (typeof LOG_EVENTS)[E]['fields'][number];
