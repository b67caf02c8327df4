import type { StageStack } from '../stage/read-stage.ts';
import { bad, ok, warn, type Check, type Finding } from './check.ts';

const GOOD = /^(CREATE|UPDATE|IMPORT)_COMPLETE$/;

function judge({ name, status }: StageStack): Finding {
  if (GOOD.test(status) || status === 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS') return ok(`${name} is ${status}.`);
  if (status === 'UPDATE_ROLLBACK_COMPLETE')
    return warn(
      `${name} is ${status}: the last deployment was taken back.`,
      'It runs as before. Read its events, mend, deploy again.',
    );
  if (status.endsWith('IN_PROGRESS'))
    return warn(`${name} is ${status}.`, 'Wait until the deployment is through, then look again.');
  return bad(`${name} is ${status}.`, 'See "What a failed deployment leaves" in docs/operations.md.');
}

/** Whether the last deployment of both stacks came to its end. */
export const checkStacks = (stacks: readonly StageStack[]): Check => ({
  name: 'stacks',
  rights: ['cloudformation:DescribeStacks', 'cloudformation:ListStackResources'],
  look: () => Promise.resolve(stacks.map(judge)),
});
