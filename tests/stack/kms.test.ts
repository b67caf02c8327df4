import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import type { LocalServer } from '../../local/stack/http/local-server.ts';
import { startKmsEndpoint } from '../../local/stack/kms/kms-endpoint.ts';
import { temporaryFolder } from './temporary-folder.ts';

const keySchema = z.object({ KeyMetadata: z.object({ KeyId: z.string() }) });
const sealedSchema = z.object({ CiphertextBlob: z.string() });
const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('KMS of the local stack', () => {
  const folder = join(temporaryFolder(), 'kms');
  let server: LocalServer;
  beforeAll(async () => {
    server = await startKmsEndpoint(folder);
  });
  afterAll(() => server.close());

  /** No AWS client for KMS is installed, because the service itself calls KMS only through other services. */
  async function call(operation: string, input: object): Promise<unknown> {
    const response = await fetch(server.url, {
      method: 'POST',
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `TrentService.${operation}` },
      body: JSON.stringify(input),
    });
    return response.json();
  }
  const makeKey = async (): Promise<string> => keySchema.parse(await call('CreateKey', {})).KeyMetadata.KeyId;
  const seal = async (KeyId: string, text: string, EncryptionContext: Record<string, string>): Promise<string> =>
    sealedSchema.parse(await call('Encrypt', { KeyId, Plaintext: base64(text), EncryptionContext })).CiphertextBlob;

  test('opens what it sealed under the same context, in whatever order its pairs come', async () => {
    const CiphertextBlob = await seal(await makeKey(), 'token', { a: '1', b: '2' });
    const opened = await call('Decrypt', { CiphertextBlob, EncryptionContext: { b: '2', a: '1' } });
    expect(opened).toMatchObject({ Plaintext: base64('token') });
  });

  test.each([
    ['another', { tenant: 'two' }],
    ['no', {}],
  ])('does not open under %s context', async (_which, EncryptionContext) => {
    const CiphertextBlob = await seal(await makeKey(), 'token', { tenant: 'one' });
    expect(await call('Decrypt', { CiphertextBlob, EncryptionContext })).toMatchObject({ __type: 'InvalidCiphertextException' });
  });

  test('does not open with another key', async () => {
    const CiphertextBlob = await seal(await makeKey(), 'token', {});
    const opened = await call('Decrypt', { CiphertextBlob, KeyId: await makeKey() });
    expect(opened).toMatchObject({ __type: 'IncorrectKeyException' });
  });

  test('opens after a restart, from a file only its owner may read', async () => {
    const CiphertextBlob = await seal(await makeKey(), 'kept', {});
    await server.close();
    server = await startKmsEndpoint(folder);
    expect(await call('Decrypt', { CiphertextBlob })).toMatchObject({ Plaintext: base64('kept') });
    expect(statSync(join(folder, 'keys.json')).mode & 0o777).toBe(0o600);
  });
});
