import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { campaignMetricsAnswer } from '../../src/contract/metrics.ts';
import { connectionSchema } from '../../src/contract/connection.ts';
import { explanationSchema } from '../../src/contract/suppression.ts';
import { openStack, type Stack } from './open-stack.ts';

/** The shell commands of the tour, as a reader pastes them, with this stack's addresses in place of the default ones. */
function tour(stack: Stack): string {
  const readme = readFileSync('README.md', 'utf8');
  const section = /## Two minutes with curl([\s\S]*?)\n## /.exec(readme)?.[1] ?? '';
  const block = [...section.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, commands]) => commands).join('\n');
  return block
    .replace(/^API=.*$/m, `API=${stack.info.apiUrl}; SIM=${stack.info.simulatorUrl}`)
    .replace('.local/stack.json', join(stack.stateDir, 'stack.json'));
}

describe('the tour of the README', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await openStack();
  });
  afterAll(() => stack.close());

  it('connects, sends, shows the numbers and finds who left suppressed, when pasted', () => {
    const script = tour(stack);
    expect(script).toContain('/v1/campaigns');
    const output = execFileSync('bash', ['-e', '-c', script], { encoding: 'utf8', timeout: 60_000 });
    const answers = output.split('\n').filter((line) => line.startsWith('{'));
    expect(answers).toHaveLength(3);
    const [connection, metrics, suppression] = answers.map((line): unknown => JSON.parse(line));
    expect(connectionSchema.parse(connection)).toMatchObject({ status: 'connected', webhooks: { expected: 1, active: 1 } });
    expect(campaignMetricsAnswer.parse(metrics).latest).toMatchObject({ delivered: 49 });
    expect(explanationSchema.parse(suppression)).toMatchObject({
      suppressed: true,
      reason: 'unsubscribe',
      events: [{ via: 'webhook', counts: true }],
    });
  });
});
