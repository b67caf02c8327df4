/**
 * List prices of AWS in us-east-1, in dollars, without free tiers, and where each was read. Look them up again before you rely on
 * a sum: they change more often than this file.
 */
export const PRICES = {
  /** DynamoDB on demand, since its price was halved in November 2024; read 2025-07. */
  writeUnit: 0.625e-6,
  readUnit: 0.125e-6,
  /** DynamoDB: storage, and point-in-time recovery, per GB and month; read 2025-07. */
  storageGbMonth: 0.25,
  recoveryGbMonth: 0.2,
  /** Lambda on ARM; read 2024. */
  invocation: 0.2e-6,
  gbSecond: 0.0000133334,
  /** SQS; read 2026-06. FIFO is dearer. */
  fifoRequest: 0.5e-6,
  queueRequest: 0.4e-6,
  /** Secrets Manager: a secret for a month, and a read; read 2025. */
  secretMonth: 0.4,
  secretRead: 0.05 / 10_000,
  /** KMS: a key for a month, and a request; read 2026-03. */
  keyMonth: 1,
  keyRequest: 0.03 / 10_000,
  /** API Gateway, HTTP API: a request; read 2026. */
  apiRequest: 1e-6,
  /** CloudWatch Logs: a GB taken in; read 2026-02. */
  logGb: 0.5,
  /** CloudWatch: a metric that an alarm watches, for a month; read 2026-02. */
  alarmMonth: 0.1,
} as const;

/** What the model does not count, but a bill does. */
export const ALSO_BILLED = {
  /** The lines of one invocation, the service's own and Lambda's, in bytes. */
  logBytes: 600,
  /** An event source polls with five connections, each for 20 s, whether or not there is work. */
  idlePollsPerDay: (5 * 86_400) / 20,
} as const;

/** Of the webhook's routes, one for each method: which they are, the query of an alarm finds out by itself. */
export const WEBHOOK_METRICS = 3;
/** The metrics that the alarms of a stage watch, each as often as it is watched, as they are billed; a test counts them in the template. */
export const ALARM_METRICS = 57 + WEBHOOK_METRICS;

/** The service's own secrets, in `lib/constructs/app-secrets.ts`: the pepper and Mailchimp's app. */
export const OWN_SECRETS = 2;

export const DAYS_A_MONTH = 30;
