import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  DecryptCommand,
  DisabledException,
  GenerateDataKeyCommand,
  IncorrectKeyException,
  InvalidCiphertextException,
  KMSClient,
  KMSInvalidStateException,
  NotFoundException,
} from '@aws-sdk/client-kms';
import { mockClient } from 'aws-sdk-client-mock';
import { makeEnvelopeTokenPlace } from '../../../src/storage/envelope-token-place.ts';

const kms = mockClient(KMSClient);
const place = makeEnvelopeTokenPlace(new KMSClient({ region: 'eu-central-1' }), 'key-1');
const owner = { tenantId: 'ten_1', platform: 'mailchimp' as const, connectionId: 'con_1' };
const said = { message: 'no', $metadata: {} };

describe('a token under a key of KMS', () => {
  let ref = '';
  beforeEach(async () => {
    kms.reset();
    kms.on(GenerateDataKeyCommand).resolves({ Plaintext: Buffer.alloc(32, 7), CiphertextBlob: Buffer.from('sealed') });
    ref = await place.create(owner, 'token-1');
  });

  it('names tenant and platform to KMS, and nothing else', async () => {
    kms.on(DecryptCommand).resolves({ Plaintext: Buffer.alloc(32, 7) });
    expect(await place.read(owner, ref)).toBe('token-1');
    const EncryptionContext = { tenantId: 'ten_1', platform: 'mailchimp' };
    expect(kms.commandCalls(GenerateDataKeyCommand)[0]?.args[0].input).toMatchObject({ KeyId: 'key-1', EncryptionContext });
    expect(kms.commandCalls(DecryptCommand)[0]?.args[0].input).toMatchObject({ KeyId: 'key-1', EncryptionContext });
  });

  it.each([
    ['encrypted for another tenant', new InvalidCiphertextException(said)],
    ['encrypted with another key', new IncorrectKeyException(said)],
    ['whose key was deleted', new NotFoundException(said)],
  ])('%s has to be renewed', async (_, error) => {
    kms.on(DecryptCommand).rejects(error);
    await expect(place.read(owner, ref)).rejects.toMatchObject({ code: 'invalid_token' });
  });

  it.each([new DisabledException(said), new KMSInvalidStateException(said)])('is only away for now with %s', async (error) => {
    kms.on(DecryptCommand).rejects(error);
    await expect(place.read(owner, ref)).rejects.toMatchObject({ code: 'service_unavailable' });
  });
});
