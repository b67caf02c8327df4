import {
  CreateSecretCommand,
  DeleteSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceExistsException,
  ResourceNotFoundException,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import type { TokenOwner } from '../core/connection/connection.ts';
import { AppError } from '../core/shared/app-error.ts';
import { fromStore } from './store-fault.ts';
import type { TokenPlace } from './token-store.ts';

/**
 * One secret per connection, `{stage}/{tenantId}/{platform}/{connectionId}`: $0.40 a month each, and $0.05 per 10,000
 * reads. The name follows from the owner, so that a secret whose reference was lost to a crash can still be removed.
 */
export function makeSecretTokenPlace(client: SecretsManagerClient, stage: string): TokenPlace {
  const nameOf = ({ tenantId, platform, connectionId }: TokenOwner): string => `${stage}/${tenantId}/${platform}/${connectionId}`;
  return {
    async create(owner, token) {
      const Name = nameOf(owner);
      try {
        const { ARN } = await fromStore(client.send(new CreateSecretCommand({ Name, SecretString: token })));
        if (ARN) return ARN;
      } catch (error) {
        // Left by an attempt that crashed.
        if (!(error instanceof ResourceExistsException)) throw error;
        const { ARN } = await fromStore(client.send(new PutSecretValueCommand({ SecretId: Name, SecretString: token })));
        if (ARN) return ARN;
      }
      throw new AppError('service_unavailable', 'The token could not be stored.');
    },
    async read(owner, tokenRef) {
      // The reference alone decides nothing: what is read is what belongs to the owner.
      if (!tokenRef.includes(`:secret:${nameOf(owner)}-`))
        throw new AppError('invalid_token', 'The token was kept for another connection.');
      try {
        const { SecretString } = await fromStore(client.send(new GetSecretValueCommand({ SecretId: tokenRef })));
        if (!SecretString) throw new AppError('invalid_token', 'The token is empty.');
        return SecretString;
      } catch (error) {
        if (error instanceof ResourceNotFoundException) throw new AppError('invalid_token', 'The token is gone.');
        throw error;
      }
    },
    async remove(owner) {
      try {
        await fromStore(client.send(new DeleteSecretCommand({ SecretId: nameOf(owner), ForceDeleteWithoutRecovery: true })));
      } catch (error) {
        if (!(error instanceof ResourceNotFoundException)) throw error;
      }
    },
    holds: (tokenRef) => tokenRef.startsWith('arn:'),
  };
}
