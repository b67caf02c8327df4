/**
 * The closed list of what the audit trail knows, as `<noun>.<past verb>`; the noun is the kind of the target.
 * Entries are kept for ever, so a name that once was used is never given another meaning.
 */
export const AUDIT_ACTIONS = [
  'connection.completed',
  'connection.removed',
  'connection.lost',
  'connection.revived',
  'webhooks.repaired',
  'webhooks.renewed',
  'settings.changed',
  'campaign.sent',
  'campaign.send_undone',
  'campaign.send_failed',
  'campaign.tested',
  'campaign.deleted',
  'suppression.added',
  'suppression.lifted',
  'suppressions.exported',
  'suppressions.imported',
  'metrics.exported',
  'suppressions.pushed',
  'sync.cancelled',
  'contact.erased',
  'contact.exported',
  'api_key.created',
  'api_key.revoked',
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** `success`, `failure` and `denied` are told; `unknown` is one whose end nobody told (yet). */
export const AUDIT_OUTCOMES = ['success', 'failure', 'denied', 'unknown'] as const;
export type AuditOutcome = (typeof AUDIT_OUTCOMES)[number];
