import { KMSClient, CreateKeyCommand } from '@aws-sdk/client-kms';
import { ListSecretsCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { MINUTE } from '../../src/core/shared/clock.ts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { openClock } from '../../local/stack/clock/stack-clock.ts';
import { startKmsEndpoint } from '../../local/stack/kms/kms-endpoint.ts';
import { openSecretStore } from '../../local/stack/secrets/secret-store.ts';
import { startSecretsEndpoint } from '../../local/stack/secrets/secrets-endpoint.ts';
import { makeEnvelopeTokenPlace } from '../../src/storage/envelope-token-place.ts';
import { makeSecretTokenPlace } from '../../src/storage/secret-token-place.ts';
import { makeTokenStore, type TokenPlace } from '../../src/storage/token-store.ts';
import { temporaryFolder } from '../stack/temporary-folder.ts';
import { fakeTokens } from '../support/fake-connections.ts';
import { testClock } from '../support/test-clock.ts';
import { describeTokenStore } from './token-store.ts';

const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
const open = new Map<'secrets' | 'envelope', TokenPlace>();
const closers: (() => Promise<void> | void)[] = [];
let secretNames: () => Promise<string[]>;

beforeAll(async () => {
  const folder = temporaryFolder();
  const clock = openClock(join(folder, 'clock.json'));
  const secrets = await startSecretsEndpoint(openSecretStore(join(folder, 'secrets')), clock);
  const kms = await startKmsEndpoint(join(folder, 'kms'));
  const region = 'us-east-1';
  const secretsClient = new SecretsManagerClient({ endpoint: secrets.url, region, credentials });
  const kmsClient = new KMSClient({ endpoint: kms.url, region, credentials });
  closers.push(
    () => secretsClient.destroy(),
    () => kmsClient.destroy(),
    secrets.close,
    kms.close,
  );
  const { KeyMetadata } = await kmsClient.send(new CreateKeyCommand({}));
  open.set('secrets', makeSecretTokenPlace(secretsClient, 'test'));
  open.set('envelope', makeEnvelopeTokenPlace(kmsClient, KeyMetadata?.KeyId ?? ''));
  secretNames = async () =>
    ((await secretsClient.send(new ListSecretsCommand({}))).SecretList ?? []).flatMap(({ Name }) => Name ?? []);
});
afterAll(async () => {
  for (const close of closers) await close();
});

/** Through a level of indirection, because the places exist only once the endpoints run. */
const place = (name: 'secrets' | 'envelope'): TokenPlace => {
  const found = open.get(name);
  if (!found) throw new Error(`The place ${name} is not open.`);
  return found;
};

describeTokenStore('one secret per connection', (clock) => makeTokenStore(clock, place('secrets'), place('envelope')));
describeTokenStore('envelope encryption', (clock) => makeTokenStore(clock, place('envelope'), place('secrets')));
const shared = fakeTokens();
describeTokenStore('the fake', () => shared);

describe('changing the place of tokens', () => {
  const owner = { tenantId: 'ten_changing', platform: 'mailchimp' as const, connectionId: 'con_changing' };

  it.each([
    ['secrets', 'envelope'],
    ['envelope', 'secrets'],
  ] as const)('from %s to %s reads both, makes only the new, and removes both', async (from, to) => {
    const clock = testClock();
    const before = makeTokenStore(clock, place(from), place(to));
    const after = makeTokenStore(clock, place(to), place(from));
    const old = await before.create(owner, 'token-1');
    expect(await after.read(owner, old)).toBe('token-1');
    expect(after.keepsAs(old)).toBe(false);
    const ref = await after.create(owner, 'token-1');
    expect(after.keepsAs(ref)).toBe(true);
    expect(await before.read(owner, ref)).toBe('token-1');
    await after.remove(owner);
    expect((await secretNames()).filter((name) => name.includes('ten_changing'))).toEqual([]);
  });
});

describe('the memory of a warm function', () => {
  const owner = { tenantId: 'ten_warm', platform: 'mailchimp' as const, connectionId: 'con_warm' };
  /** A place that says how often it was asked. */
  function open() {
    const clock = testClock();
    let reads = 0;
    const counting: TokenPlace = { ...place('secrets'), holds: () => true, read: () => Promise.resolve(`read ${++reads}`) };
    return { clock, tokens: makeTokenStore(clock, counting) };
  }

  it('ends after five minutes', async () => {
    const { clock, tokens } = open();
    expect([await tokens.read(owner, 'ref'), await tokens.read(owner, 'ref')]).toEqual(['read 1', 'read 1']);
    clock.advance(5 * MINUTE - 1);
    expect(await tokens.read(owner, 'ref')).toBe('read 1');
    clock.advance(1);
    expect(await tokens.read(owner, 'ref')).toBe('read 2');
  });

  it('ends when the vendor refused the token, and when it is removed', async () => {
    const { tokens } = open();
    await tokens.read(owner, 'ref');
    tokens.forget('another');
    expect(await tokens.read(owner, 'ref')).toBe('read 1');
    tokens.forget('ref');
    expect(await tokens.read(owner, 'ref')).toBe('read 2');
    await tokens.remove(owner);
    expect(await tokens.read(owner, 'ref')).toBe('read 3');
  });
});
