import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { REGION } from '../../local/stack/aws/names.ts';
import { readyTenant } from '../e2e/connect.ts';
import { parseJson } from '../e2e/http.ts';
import { ended, openStack, run, type Stack } from '../e2e/open-stack.ts';

import { readDeploymentFile } from './deployment-file.ts';
import { STAGE } from './stage.ts';

const answerSchema = z.object({ rows: z.array(z.object({ check: z.string(), verdict: z.string(), says: z.string() })) });

/** What it finds bad of any deployment here. */
const BAD_HERE = {
  // The emulator tells no status of indexes that CloudFormation made.
  table: 'The index GSI1, GSI2 is missing or not active.',
  // The output `ApiUrl` names the host of the emulator's gateway, which no name server knows.
  'public address': 'has no address.',
  'webhooks from outside': 'GET was answered by nobody, not 200.',
};

describe('npm run doctor -- --stage, of what was deployed', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await openStack();
    await readyTenant(stack, 'looked-at');
  });
  afterAll(() => stack.close());

  it('finds well what the emulator has of it', async () => {
    const child = run(['scripts/doctor.ts', '--stage', STAGE, '--json'], {
      AWS_ENDPOINT_URL: readDeploymentFile().endpoint,
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    });
    await ended(child);
    const { rows } = answerSchema.parse(parseJson(child.output()));
    const verdictsOf = (check: string): string[] => rows.filter((row) => row.check === check).map(({ verdict }) => verdict);
    expect(verdictsOf('stacks')).toEqual(['ok', 'ok']);
    expect(verdictsOf('table safety')).toEqual(['ok', 'ok', 'ok']);
    for (const check of ['token key', 'pepper', 'functions', 'held functions', 'logs', 'alarms'])
      expect([check, verdictsOf(check)]).toEqual([check, ['ok']]);
    for (const check of ['Mailchimp app', 'event sources', 'queues', 'webhooks of tenants'])
      expect([check, new Set(verdictsOf(check))]).toEqual([check, new Set(['ok'])]);
    const bad = rows.filter(({ verdict }) => verdict === 'bad');
    expect(Object.fromEntries(bad.map(({ check, says }) => [check, says]))).toEqual(
      Object.fromEntries(Object.entries(BAD_HERE).map(([check, says]) => [check, expect.stringContaining(says)])),
    );
  });
});
