import { DescribeKeyCommand, GetKeyRotationStatusCommand, type KMSClient } from '@aws-sdk/client-kms';
import { bad, ok, warn, type Check } from './check.ts';

/** Whether the key of tokens can be used, and gets new material each year. */
export const checkKey = (client: KMSClient, keyId: string): Check => ({
  name: 'token key',
  rights: ['kms:DescribeKey', 'kms:GetKeyRotationStatus'],
  async look() {
    const { KeyMetadata } = await client.send(new DescribeKeyCommand({ KeyId: keyId }));
    const state = KeyMetadata?.KeyState;
    if (state === 'PendingDeletion')
      return bad(
        'The key of tokens is being deleted.',
        `At once: aws kms cancel-key-deletion --key-id ${keyId} && aws kms enable-key --key-id ${keyId}`,
      );
    if (state !== 'Enabled') return bad(`The key of tokens is ${state ?? 'not there'}.`, `aws kms enable-key --key-id ${keyId}`);
    const { KeyRotationEnabled } = await client.send(new GetKeyRotationStatusCommand({ KeyId: keyId }));
    return KeyRotationEnabled === true
      ? ok('The key of tokens is enabled and rotated by KMS.')
      : warn('KMS does not rotate the key of tokens.', `aws kms enable-key-rotation --key-id ${keyId}`);
  },
});
