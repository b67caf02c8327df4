import { DeleteSecretCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { readyTenant } from './connect.ts';
import { parseJson } from './http.ts';
import { ended, openStack, run, type Stack } from './open-stack.ts';
import { until } from './wait.ts';

const report = z.object({
  rows: z.array(z.object({ check: z.string(), verdict: z.string(), says: z.string(), todo: z.string().optional() })),
  exitCode: z.number(),
});
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };

describe('npm run doctor -- --local', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await openStack();
  });
  afterAll(() => stack.close());

  const doctor = async (...args: readonly string[]) => {
    const child = run(['scripts/doctor.ts', '--local', ...args], { LOCAL_STATE_DIR: stack.stateDir });
    const exitCode = await ended(child);
    return { exitCode, output: child.output(), errors: child.errors() };
  };
  const look = async () => {
    const { exitCode, output } = await doctor('--json');
    const told = report.parse(parseJson(output));
    expect(told.exitCode).toBe(exitCode);
    return { exitCode, output, of: (check: string) => told.rows.filter((row) => row.check === check), rows: told.rows };
  };
  const secrets = () =>
    new SecretsManagerClient({ endpoint: stack.info.endpoints.secretsManager, region: 'us-east-1', credentials });

  it('finds a stack well that nobody has touched, and says so to people', async () => {
    await readyTenant(stack, 'well');
    const { exitCode, output } = await doctor();
    expect(output).toMatch(/0 bad, 0 to look at, \d+ ok, \d+ not checked\n$/);
    expect(output).toContain('A webhook made for a moment was reached, with its secret alone.');
    expect(output).toContain('1 of 1 audiences of 1 tenants have one.');
    expect(output).toContain('and it is this deployment');
    expect(output).toContain(`${stack.info.apiUrl}/v1/integrations/mailchimp/callback`);
    expect(exitCode).toBe(0);
    // What was made for a moment is gone, and a look that writes nothing says that it did not look.
    const { output: quiet } = await doctor('--read-only');
    expect(quiet).toContain('left out with --read-only');
  });

  it('names a dead letter and how to see whose it is', async () => {
    const sqs = new SQSClient({ endpoint: stack.info.endpoints.sqs, region: 'us-east-1', credentials });
    const QueueUrl = stack.info.queueUrls['followups'] ?? '';
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'nobody can read this' }));
    const found = await until('the dead letter', async () => {
      await stack.advance(600_000);
      const seen = await look();
      return seen.of('queues').some(({ verdict }) => verdict === 'bad') ? seen : undefined;
    });
    expect(found.exitCode).toBe(2);
    expect(found.of('queues').find(({ verdict }) => verdict === 'bad')?.todo).toContain('--local --queue followups --list');
  });

  it('sees an app secret that was emptied, and one that the vendor does not know', async () => {
    const put = (value: object) =>
      secrets().send(
        new PutSecretValueCommand({ SecretId: stack.info.secretIds.mailchimpApp, SecretString: JSON.stringify(value) }),
      );
    await put({ clientId: '', clientSecret: 'generated' });
    expect((await look()).of('Mailchimp app')).toMatchObject([
      { verdict: 'bad', says: expect.stringContaining('never filled in') },
    ]);
    await stack.vendor.tell('POST', '/apps', {
      clientId: 'app-1',
      clientSecret: 'right-secret',
      redirectUris: [`${stack.info.apiUrl}/v1/integrations/mailchimp/callback`],
    });
    await put({ clientId: 'app-1', clientSecret: 'wrong-secret' });
    const wrong = await look();
    expect(wrong.of('Mailchimp app')[0]).toMatchObject({ verdict: 'bad', says: 'Mailchimp does not know this id and secret.' });
    await put({ clientId: 'app-1', clientSecret: 'right-secret' });
    const right = await look();
    expect(right.of('Mailchimp app')[0]).toMatchObject({ verdict: 'ok' });
    expect(wrong.output + right.output).not.toMatch(/(wrong|right)-secret/);
  });

  it('sees a pepper that was replaced, and one that is being deleted', async () => {
    const value = JSON.stringify({ pepper: 'x'.repeat(64) });
    await secrets().send(new PutSecretValueCommand({ SecretId: stack.info.secretIds.pepper, SecretString: value }));
    const replaced = await look();
    expect(replaced.of('pepper')).toMatchObject([{ verdict: 'bad', says: expect.stringContaining('more than one version') }]);
    expect(replaced.output).not.toContain('x'.repeat(64));
    await secrets().send(new DeleteSecretCommand({ SecretId: stack.info.secretIds.pepper }));
    expect((await look()).of('pepper')).toMatchObject([{ verdict: 'bad' }]);
  });

  it('says in one sentence that nothing runs', async () => {
    const child = run(['scripts/doctor.ts', '--local'], { LOCAL_STATE_DIR: '/nowhere' });
    expect(await ended(child)).toBe(3);
    expect(child.errors()).toContain('Start one with npm start');
    const neither = run(['scripts/doctor.ts'], {});
    expect(await ended(neither)).toBe(3);
    expect(neither.errors()).toContain('Give either --local or --stage.');
  });
});
