import type { SQSRecord } from 'aws-lambda';

/** A message as SQS hands it to a consumer. @param receives how often it was received, this time included */
export const aRecord = (body: string, receives: number): SQSRecord => ({
  messageId: 'message-1',
  receiptHandle: 'receipt',
  body,
  attributes: {
    ApproximateReceiveCount: String(receives),
    SentTimestamp: '0',
    SenderId: 'sender',
    ApproximateFirstReceiveTimestamp: '0',
  },
  messageAttributes: {},
  md5OfBody: '',
  eventSource: 'aws:sqs',
  eventSourceARN: 'arn:aws:sqs:eu-central-1:000000000000:sync.fifo',
  awsRegion: 'eu-central-1',
});
