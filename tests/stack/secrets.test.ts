import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  PutSecretValueCommand,
  RestoreSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { openClock } from '../../local/stack/clock/stack-clock.ts';
import type { LocalServer } from '../../local/stack/http/local-server.ts';
import { openSecretStore } from '../../local/stack/secrets/secret-store.ts';
import { startSecretsEndpoint } from '../../local/stack/secrets/secrets-endpoint.ts';
import { temporaryFolder } from './temporary-folder.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

describe('Secrets Manager of the local stack', () => {
  const folder = join(temporaryFolder(), 'secrets');
  const clock = openClock();
  let server: LocalServer;
  let client: SecretsManagerClient;
  beforeAll(async () => {
    server = await startSecretsEndpoint(openSecretStore(folder), clock);
    client = new SecretsManagerClient({
      endpoint: server.url,
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      maxAttempts: 1,
    });
  });
  afterAll(async () => {
    client.destroy();
    await server.close();
  });

  const create = async (SecretString = 'value') => {
    const { ARN = '', Name = '' } = await client.send(new CreateSecretCommand({ Name: `t/${randomUUID()}`, SecretString }));
    return { arn: ARN, name: Name };
  };
  const read = (SecretId: string, VersionStage?: string) =>
    client.send(new GetSecretValueCommand({ SecretId, ...(VersionStage === undefined ? {} : { VersionStage }) }));
  const notFound = { name: 'ResourceNotFoundException' };

  test('finds a secret by its name and by its ARN, whole or without the random end', async () => {
    const { arn, name } = await create('same');
    for (const id of [name, arn, arn.slice(0, -7)]) expect((await read(id)).SecretString).toBe('same');
    await expect(read(`${name}x`)).rejects.toMatchObject(notFound);
  });

  test('keeps the version before', async () => {
    const { name } = await create('one');
    for (const SecretString of ['two', 'three']) await client.send(new PutSecretValueCommand({ SecretId: name, SecretString }));
    expect((await read(name)).SecretString).toBe('three');
    expect((await read(name, 'AWSPREVIOUS')).SecretString).toBe('two');
    const { VersionIdsToStages = {} } = await client.send(new DescribeSecretCommand({ SecretId: name }));
    expect(Object.values(VersionIdsToStages).flat().sort()).toEqual(['AWSCURRENT', 'AWSPREVIOUS']);
  });

  test('refuses a second secret of the same name', async () => {
    const { name } = await create();
    const second = client.send(new CreateSecretCommand({ Name: name, SecretString: 'other' }));
    await expect(second).rejects.toMatchObject({ name: 'ResourceExistsException' });
    expect((await read(name)).SecretString).toBe('value');
  });

  test('deletes for good when forced, so that the name is free and the old ARN leads nowhere', async () => {
    const { arn, name } = await create();
    await client.send(new DeleteSecretCommand({ SecretId: arn, ForceDeleteWithoutRecovery: true }));
    await expect(read(name)).rejects.toMatchObject(notFound);
    await client.send(new CreateSecretCommand({ Name: name, SecretString: 'anew' }));
    expect((await read(name)).SecretString).toBe('anew');
    await expect(read(arn)).rejects.toMatchObject(notFound);
  });

  test('keeps a deleted secret for its window, in which it can be restored but not read', async () => {
    const { name } = await create();
    await client.send(new DeleteSecretCommand({ SecretId: name, RecoveryWindowInDays: 7 }));
    await expect(read(name)).rejects.toMatchObject({ name: 'InvalidRequestException' });
    const { SecretList = [] } = await client.send(new ListSecretsCommand({}));
    expect(SecretList.map(({ Name }) => Name)).not.toContain(name);
    await client.send(new RestoreSecretCommand({ SecretId: name }));
    expect((await read(name)).SecretString).toBe('value');
  });

  test('forgets a deleted secret when its window has passed', async () => {
    const { name } = await create();
    await client.send(new DeleteSecretCommand({ SecretId: name, RecoveryWindowInDays: 7 }));
    clock.moveTo(clock.offsetMs() + 7 * DAY_MS + 1);
    await expect(client.send(new RestoreSecretCommand({ SecretId: name }))).rejects.toMatchObject(notFound);
  });

  test('writes files that only their owner may read', async () => {
    await create();
    const files = readdirSync(folder).map((file) => join(folder, file));
    expect(files.length).toBeGreaterThan(0);
    expect(files.filter((file) => (statSync(file).mode & 0o777) !== 0o600)).toEqual([]);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  test('has the same secrets after a restart', async () => {
    const { arn, name } = await create('kept');
    const reopened = openSecretStore(folder).find(name);
    expect(reopened?.arn).toBe(arn);
    expect(Object.values(reopened?.versions ?? {}).map(({ string }) => string)).toEqual(['kept']);
  });
});
