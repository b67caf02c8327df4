import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceExistsException,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { mockClient } from 'aws-sdk-client-mock';
import * as z from 'zod';
import { MINUTE } from '../../../src/core/shared/clock.ts';
import { makeSecretTokenPlace } from '../../../src/storage/secret-token-place.ts';
import { cachedSecret } from '../../../src/storage/secrets.ts';
import { testClock } from '../../support/test-clock.ts';

const secrets = mockClient(SecretsManagerClient);
const client = new SecretsManagerClient({ region: 'eu-central-1' });
const gone = new ResourceNotFoundException({ message: 'no such secret', $metadata: {} });
const owner = { tenantId: 'ten_1', platform: 'mailchimp' as const, connectionId: 'con_1' };
const ARN = 'arn:aws:secretsmanager:eu-central-1:1:secret:prod/ten_1/mailchimp/con_1-AbCdEf';
const place = makeSecretTokenPlace(client, 'prod');
beforeEach(() => {
  secrets.reset();
});

describe('a secret per connection', () => {
  it('is named by stage, tenant, platform and connection', async () => {
    secrets.on(CreateSecretCommand).resolves({ ARN });
    expect(await place.create(owner, 'token-1')).toBe(ARN);
    expect(secrets.commandCalls(CreateSecretCommand)[0]?.args[0].input).toMatchObject({
      Name: 'prod/ten_1/mailchimp/con_1',
      SecretString: 'token-1',
    });
  });

  it('takes the value anew when an attempt that crashed had made it', async () => {
    secrets.on(CreateSecretCommand).rejects(new ResourceExistsException({ message: 'exists', $metadata: {} }));
    secrets.on(PutSecretValueCommand).resolves({ ARN });
    expect(await place.create(owner, 'token-1')).toBe(ARN);
  });

  it('says invalid_token when it is gone, empty or of another connection, the last without a call', async () => {
    secrets.on(GetSecretValueCommand).rejectsOnce(gone).resolves({});
    await expect(place.read(owner, ARN)).rejects.toMatchObject({ code: 'invalid_token' });
    await expect(place.read(owner, ARN)).rejects.toMatchObject({ code: 'invalid_token' });
    const calls = secrets.calls().length;
    for (const wrong of [ARN.replace('ten_1', 'ten_2'), ARN.replace('prod/', 'dev/'), ARN.replace('con_1-', 'con_11-')])
      await expect(place.read(owner, wrong)).rejects.toMatchObject({ code: 'invalid_token' });
    expect(secrets.calls()).toHaveLength(calls);
  });

  it('does not take an outage for a dead token', async () => {
    secrets.on(GetSecretValueCommand).rejects(new Error('unreachable'));
    await expect(place.read(owner, ARN)).rejects.toThrow('unreachable');
  });

  it('is removed by name, at once and without recovery, and what is gone already is removed', async () => {
    secrets.on(DeleteSecretCommand).resolvesOnce({}).rejects(gone);
    await place.remove(owner);
    expect(secrets.commandCalls(DeleteSecretCommand)[0]?.args[0].input).toEqual({
      SecretId: 'prod/ten_1/mailchimp/con_1',
      ForceDeleteWithoutRecovery: true,
    });
    await place.remove(owner);
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
    secrets.on(GetSecretValueCommand).resolves({ SecretString: '{"pepper":"new"}' });
    expect([await read(), await read('fresh'), await read()]).toEqual([{ pepper: 'p' }, { pepper: 'new' }, { pepper: 'new' }]);
    clock.advance(MINUTE);
    secrets.on(GetSecretValueCommand).resolves({ SecretString: '{}' });
    await expect(read()).rejects.toThrow();
  });
});
