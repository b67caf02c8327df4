import { GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { decide, locationOf, readyTenant, returnUrlOf, runEnd, type Ready } from './connect.ts';
import { encode, post, sign, signingSecretOf } from './deliveries.ts';
import { http, parseJson } from './http.ts';
import { openStack, type Stack } from './open-stack.ts';

const HOUR = 3_600_000;
const appSchema = z.object({ clientId: z.string(), clientSecret: z.string() });
const renewals = z.object({
  tenantId: z.string(),
  hooks: z.number(),
  outworn: z.number(),
  state: z.string(),
  runId: z.string().nullable(),
});

describe('a rotation under traffic', () => {
  let stack: Stack;
  let ready: Ready;

  beforeAll(async () => {
    stack = await openStack();
    ready = await readyTenant(stack, 'rotated', { subscribed: 40 });
  });
  afterAll(() => stack.close());

  const rotate = async (...args: readonly string[]) =>
    (await stack.tool('scripts/rotate.ts', 'webhooks', '--local', ...args))
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => renewals.parse(parseJson(line)));

  it('of webhook secrets loses no opt-out, neither at the old webhook nor at the new one', async () => {
    const [old] = await stack.vendor.hooks(ready.accountId);
    if (old === undefined) throw new Error('No hook was registered');
    const oldSecret = signingSecretOf(stack, old.id);
    const rotation = { isOver: false };
    const told: string[] = [];
    const refused: number[] = [];
    const traffic = (async () => {
      for (let index = 0; !rotation.isOver || index < 20; index++) {
        const email = `leaver${index}@rotated.test`;
        const body = encode('unsubscribe', { email, reason: 'manual', action: 'unsub' });
        const { status } = await post(old.url, body, sign(oldSecret, body));
        if (status === 200) told.push(email);
        else refused.push(status);
      }
    })();
    const rows = await rotate('--all');
    const own = rows.find(({ tenantId }) => tenantId === ready.client.tenantId);
    expect(own).toMatchObject({ hooks: 1, outworn: 1, state: 'queued' });
    expect(await runEnd(ready.client, own?.runId ?? '')).toMatchObject({
      state: 'succeeded',
      counts: { hooksOutworn: 1, hooksCreated: 1, hooksRemoved: 1 },
    });
    rotation.isOver = true;
    await traffic;
    expect(refused).toEqual([]);
    const { suppressed } = await ready.client.call('checkSuppressions', { body: { emails: told } });
    expect(suppressed.map(({ email }) => email).sort()).toEqual(told.toSorted());

    const [made, ...more] = await stack.vendor.hooks(ready.accountId);
    if (made === undefined) throw new Error('No hook is left');
    expect(more).toEqual([]);
    expect(new URL(made.url).searchParams.get('secret')).not.toBe(new URL(old.url).searchParams.get('secret'));
    const newSecret = signingSecretOf(stack, made.id);
    expect(newSecret).not.toBe(oldSecret);
    const body = encode('unsubscribe', { email: 'later@rotated.test', reason: 'manual', action: 'unsub' });
    expect((await post(made.url, body, sign(newSecret, body))).status).toBe(200);
    // The secret in the URL belongs to one signing secret.
    expect((await post(made.url, body, sign(oldSecret, body))).status).toBe(401);
  });

  it('is over once all is new, and the old webhook is told to stop after its stragglers are in', async () => {
    const [before] = await stack.vendor.hooks(ready.accountId);
    const since = new Date((await stack.now()) - HOUR).toISOString();
    expect(await rotate('--tenant', ready.client.tenantId, '--before', since)).toMatchObject([{ outworn: 0, state: 'done' }]);
    expect(await stack.vendor.hooks(ready.accountId)).toEqual([before]);
    const [row] = await rotate('--tenant', ready.client.tenantId, '--list');
    expect(row).toMatchObject({ outworn: 1, state: 'open', runId: null });
    const [again] = await rotate('--tenant', ready.client.tenantId);
    await runEnd(ready.client, again?.runId ?? '');
    expect((await http(before?.url ?? '')).status).toBe(200);
    await stack.advance(2 * HOUR);
    expect((await http(before?.url ?? '')).status).toBe(410);
  });

  it('is no reason to hear a replaced webhook once its tenant has disconnected', async () => {
    const leaver = await readyTenant(stack, 'leaver', { subscribed: 4 });
    const [old] = await stack.vendor.hooks(leaver.accountId);
    const [row] = await rotate('--tenant', leaver.client.tenantId);
    await runEnd(leaver.client, row?.runId ?? '');
    const [made] = await stack.vendor.hooks(leaver.accountId);
    const answers = async () => Promise.all([old, made].map(async (hook) => (await http(hook?.url ?? '')).status));
    expect(await answers()).toEqual([200, 200]);
    await leaver.client.call('disconnect');
    expect(await answers()).toEqual([410, 410]);
    expect(await stack.vendor.hooks(leaver.accountId)).toEqual([]);
  });

  it('of the app secret completes the consents that were begun before it', async () => {
    const secrets = new SecretsManagerClient({
      endpoint: stack.info.endpoints.secretsManager,
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    });
    const id = { SecretId: stack.info.secretIds.mailchimpApp };
    const app = appSchema.parse(parseJson((await secrets.send(new GetSecretValueCommand(id))).SecretString ?? ''));
    const atVendor = (clientSecret: string) =>
      stack.vendor.tell('POST', '/apps', {
        clientId: app.clientId,
        clientSecret,
        redirectUris: [`${stack.info.apiUrl}/v1/integrations/mailchimp/callback`],
      });
    await atVendor(app.clientSecret);
    const { client, accountId } = ready;
    const begin = () => client.call('connect', { body: { returnUrl: returnUrlOf(client) } });
    const statusOf = async (callback: URL) => {
      const back = locationOf(await http(callback.href)).searchParams;
      return { status: back.get('status'), state: back.get('state') ?? '', ticket: back.get('ticket') ?? '' };
    };
    // The function has read the secret, and keeps it.
    expect(await statusOf(await decide((await begin()).authorizeUrl, 'approve', accountId))).toMatchObject({
      status: 'authorized',
    });
    const begun = await begin();
    const consented = await decide((await begin()).authorizeUrl, 'approve', accountId);

    await atVendor('the-new-secret-of-the-app');
    await secrets.send(
      new PutSecretValueCommand({ ...id, SecretString: JSON.stringify({ ...app, clientSecret: 'the-new-secret-of-the-app' }) }),
    );
    expect(await statusOf(consented)).toMatchObject({ status: 'authorized' });
    const { status, state, ticket } = await statusOf(await decide(begun.authorizeUrl, 'approve', accountId));
    expect(status).toBe('authorized');
    expect(await client.call('complete', { body: { state, ticket } })).toMatchObject({ status: 'connected' });
    expect(stack.output()).not.toContain('the-new-secret-of-the-app');
  });
});
