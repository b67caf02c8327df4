import * as z from 'zod';
import { AwsError } from '../aws/json-protocol.ts';

/** Queue attributes as SQS takes them: strings. */
export const queueAttributesSchema = z.record(z.string(), z.string());
export type QueueAttributes = z.infer<typeof queueAttributesSchema>;

const redriveSchema = z.object({ deadLetterTargetArn: z.string(), maxReceiveCount: z.coerce.number().int().min(1).max(1000) });

export interface QueueSettings {
  fifo: boolean;
  visibilityMs: number;
  delayMs: number;
  waitMs: number;
  retentionMs: number;
  maxBytes: number;
  contentDeduplication: boolean;
  deduplicationScope: 'queue' | 'messageGroup';
  redrive: z.infer<typeof redriveSchema> | undefined;
}

const DEFAULTS: QueueAttributes = {
  VisibilityTimeout: '30',
  DelaySeconds: '0',
  ReceiveMessageWaitTimeSeconds: '0',
  MessageRetentionPeriod: '345600',
  MaximumMessageSize: '1048576',
};
const FIFO_DEFAULTS: QueueAttributes = {
  ContentBasedDeduplication: 'false',
  DeduplicationScope: 'queue',
  FifoThroughputLimit: 'perQueue',
};
const LIMITS: Readonly<Record<string, readonly [number, number]>> = {
  VisibilityTimeout: [0, 43_200],
  DelaySeconds: [0, 900],
  ReceiveMessageWaitTimeSeconds: [0, 20],
  MessageRetentionPeriod: [60, 1_209_600],
  MaximumMessageSize: [1024, 1_048_576],
};
/** Taken and shown again, with no effect on one machine. */
const PASSIVE = new Set([
  'Policy',
  'KmsMasterKeyId',
  'KmsDataKeyReusePeriodSeconds',
  'SqsManagedSseEnabled',
  'RedriveAllowPolicy',
]);

/** The attributes of a queue with every default filled in. @throws AwsError as SQS does. */
export function completeAttributes(name: string, given: QueueAttributes): QueueAttributes {
  const fifo = name.endsWith('.fifo');
  if (fifo !== (given['FifoQueue'] === 'true')) {
    throw new AwsError('InvalidParameterValue', 'The name of a FIFO queue ends with .fifo, and only that of a FIFO queue.');
  }
  const defaults = fifo ? { ...DEFAULTS, ...FIFO_DEFAULTS } : DEFAULTS;
  for (const [key, value] of Object.entries(given)) {
    const limits = LIMITS[key];
    const known = key in defaults || key === 'RedrivePolicy' || key === 'FifoQueue' || PASSIVE.has(key);
    if (!known) throw new AwsError('InvalidAttributeName', `Unknown Attribute ${key}.`);
    if (limits !== undefined && !(Number(value) >= limits[0] && Number(value) <= limits[1])) {
      throw new AwsError('InvalidAttributeValue', `Invalid value for the parameter ${key}.`);
    }
  }
  return { ...defaults, ...given };
}

const seconds = (value: string | undefined): number => Number(value) * 1000;

/** What the attributes mean. */
export function readSettings(attributes: QueueAttributes): QueueSettings {
  const policy = attributes['RedrivePolicy'];
  const redrive = policy === undefined || policy === '' ? undefined : redriveSchema.safeParse(parseOrNull(policy));
  if (redrive !== undefined && !redrive.success) {
    throw new AwsError('InvalidAttributeValue', 'Invalid value for the parameter RedrivePolicy.');
  }
  return {
    fifo: attributes['FifoQueue'] === 'true',
    visibilityMs: seconds(attributes['VisibilityTimeout']),
    delayMs: seconds(attributes['DelaySeconds']),
    waitMs: seconds(attributes['ReceiveMessageWaitTimeSeconds']),
    retentionMs: seconds(attributes['MessageRetentionPeriod']),
    maxBytes: Number(attributes['MaximumMessageSize']),
    contentDeduplication: attributes['ContentBasedDeduplication'] === 'true',
    deduplicationScope: attributes['DeduplicationScope'] === 'messageGroup' ? 'messageGroup' : 'queue',
    redrive: redrive?.data,
  };
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
