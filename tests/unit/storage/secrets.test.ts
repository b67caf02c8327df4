import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  GetSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { mockClient } from 'aws-sdk-client-mock';
import * as z from 'zod';
import { MINUTE } from '../../../src/core/shared/clock.ts';
import { cachedSecret, makeSecretsTokenStore } from '../../../src/storage/secrets.ts';
import { testClock } from '../../support/test-clock.ts';

const secrets = mockClient(SecretsManagerClient);
const client = new SecretsManagerClient({ region: 'eu-central-1' });
const gone = new ResourceNotFoundException({ message: 'no such secret', $metadata: {} });
const open = () => {
  const clock = testClock();
  return { clock, tokens: makeSecretsTokenStore(client, 'prod', clock) };
};
beforeEach(() => {
  secrets.reset();
});

describe('the token store', () => {
  it('names a secret by stage, tenant, platform and connection', async () => {
    secrets.on(CreateSecretCommand).resolves({ ARN: 'arn:1' });
    const ref = await open().tokens.create({ tenantId: 'ten_1', platform: 'mailchimp', connectionId: 'con_1' }, 'token-1');
    expect(ref).toBe('arn:1');
    expect(secrets.commandCalls(CreateSecretCommand)[0]?.args[0].input).toMatchObject({
      Name: 'prod/ten_1/mailchimp/con_1',
      SecretString: 'token-1',
    });
  });

  it('knows a token for five minutes', async () => {
    secrets.on(GetSecretValueCommand).resolves({ SecretString: 'token-1' });
    const { clock, tokens } = open();
    expect([await tokens.read('arn:1'), await tokens.read('arn:1')]).toEqual(['token-1', 'token-1']);
    expect(secrets.calls()).toHaveLength(1);
    clock.advance(5 * MINUTE);
    await tokens.read('arn:1');
    expect(secrets.calls()).toHaveLength(2);
  });

  it('says invalid_token for a secret that is gone or empty', async () => {
    secrets.on(GetSecretValueCommand).rejectsOnce(gone).resolves({});
    await expect(open().tokens.read('arn:1')).rejects.toMatchObject({ code: 'invalid_token' });
    await expect(open().tokens.read('arn:1')).rejects.toMatchObject({ code: 'invalid_token' });
  });

  it('does not take an outage for a dead token', async () => {
    secrets.on(GetSecretValueCommand).rejects(new Error('unreachable'));
    await expect(open().tokens.read('arn:1')).rejects.toThrow('unreachable');
  });

  it('forgets at once and without recovery, and what is gone already is forgotten', async () => {
    secrets.on(GetSecretValueCommand).resolvesOnce({ SecretString: 'token-1' }).rejects(gone);
    secrets.on(DeleteSecretCommand).resolvesOnce({}).rejects(gone);
    const { tokens } = open();
    await tokens.read('arn:1');
    await tokens.remove('arn:1');
    expect(secrets.commandCalls(DeleteSecretCommand)[0]?.args[0].input).toEqual({
      SecretId: 'arn:1',
      ForceDeleteWithoutRecovery: true,
    });
    await expect(tokens.read('arn:1')).rejects.toMatchObject({ code: 'invalid_token' });
    await tokens.remove('arn:1');
  });
});

describe('cachedSecret', () => {
  it('reads once in its time, and refuses a secret of another shape', async () => {
    const clock = testClock();
    const schema = z.object({ pepper: z.string() });
    const read = cachedSecret(client, 'pepper', schema, clock, MINUTE);
    secrets.on(GetSecretValueCommand).resolves({ SecretString: '{"pepper":"p"}' });
    expect([await read(), await read()]).toEqual([{ pepper: 'p' }, { pepper: 'p' }]);
    expect(secrets.calls()).toHaveLength(1);
    clock.advance(MINUTE);
    secrets.on(GetSecretValueCommand).resolves({ SecretString: '{}' });
    await expect(read()).rejects.toThrow();
  });
});
