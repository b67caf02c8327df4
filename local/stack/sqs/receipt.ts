import { randomUUID } from 'node:crypto';
import { AwsError } from '../aws/json-protocol.ts';

const FORM = /^([0-9a-f-]{36})#[0-9a-f-]{36}$/;

/** A receipt names its message and one delivery of it. */
export const makeReceipt = (messageId: string): string => Buffer.from(`${messageId}#${randomUUID()}`).toString('base64');

/** @throws AwsError for what was never a receipt. */
export function messageIdOf(receipt: string): string {
  const id = FORM.exec(Buffer.from(receipt, 'base64').toString('utf8'))?.[1];
  if (id === undefined) throw new AwsError('ReceiptHandleIsInvalid', `The input receipt handle "${receipt}" is not valid.`);
  return id;
}
