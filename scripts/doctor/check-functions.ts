import { DescribeLogGroupsCommand, type CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import {
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  ListEventSourceMappingsCommand,
  type LambdaClient,
} from '@aws-sdk/client-lambda';
import { logicalId } from '../../lib/logical-id.ts';
import { FUNCTION_NAMES, QUEUES, type FunctionName } from '../../src/contract/manifest.ts';
import type { StageResource } from '../stage/read-stage.ts';
import { bad, ok, warn, type Check, type Finding } from './check.ts';

/** What the stacks deploy; AWS stops to mend older ones. */
const RUNTIMES = ['nodejs24.x', 'nodejs22.x'];

/** The physical name of a function of the manifest. @returns `undefined` when the stack has none */
export const functionIdOf = (resources: readonly StageResource[], name: FunctionName): string | undefined =>
  resources.find(({ type, logicalId: id }) => type === 'AWS::Lambda::Function' && id.startsWith(`${logicalId(name)}Handler`))
    ?.physicalId;

/** Whether every function is there and able to run what was deployed last. */
export const checkFunctions = (client: LambdaClient, resources: readonly StageResource[]): Check => ({
  name: 'functions',
  rights: ['lambda:GetFunctionConfiguration'],
  async look() {
    const findings: Finding[] = [];
    const versions = new Set<string>();
    for (const name of FUNCTION_NAMES) {
      const id = functionIdOf(resources, name);
      if (id === undefined) {
        findings.push(bad(`${name} is not in the stack.`, 'Deploy the service stack.'));
        continue;
      }
      const {
        State,
        LastUpdateStatus,
        Runtime = '',
        LastModified = '',
      } = await client.send(new GetFunctionConfigurationCommand({ FunctionName: id }));
      versions.add(LastModified.slice(0, 10));
      if (State === 'Failed' || LastUpdateStatus === 'Failed')
        findings.push(
          bad(`${name}: its last update failed, so it runs older code than the others.`, 'Deploy the service stack again.'),
        );
      else if (LastUpdateStatus === 'InProgress') findings.push(warn(`${name} is being updated.`, 'Look again in a minute.'));
      if (!RUNTIMES.includes(Runtime))
        findings.push(
          warn(`${name} runs on ${Runtime}.`, 'Deploy a version of the service with a runtime that AWS still mends.'),
        );
    }
    const days = [...versions].sort();
    if (findings.length === 0)
      findings.push(ok(`All ${FUNCTION_NAMES.length} run what was deployed last; changed on ${days.join(', ')}.`));
    return findings;
  },
});

/** Whether a function is held: one with no concurrency at all is refused whatever calls it. */
export const checkHeld = (client: LambdaClient, resources: readonly StageResource[]): Check => ({
  name: 'held functions',
  rights: ['lambda:GetFunctionConcurrency'],
  async look() {
    const findings: Finding[] = [];
    for (const name of FUNCTION_NAMES) {
      const id = functionIdOf(resources, name);
      if (id === undefined) continue;
      const { ReservedConcurrentExecutions: reserved } = await client.send(
        new GetFunctionConcurrencyCommand({ FunctionName: id }),
      );
      const resume = `aws lambda delete-function-concurrency --function-name ${id}`;
      if (reserved === 0)
        findings.push(
          bad(
            `${name} is held: its concurrency is 0, so whatever calls it is refused.`,
            `If nobody holds it on purpose: ${resume}`,
          ),
        );
      else if (reserved !== undefined)
        findings.push(
          warn(`${name} may run ${reserved} times at once, which no deployment asks for.`, `If nobody wants that: ${resume}`),
        );
    }
    return findings.length === 0 ? ok('No function is held.') : findings;
  },
});

/** Whether the queues' messages reach their functions. */
export const checkMappings = (client: LambdaClient, resources: readonly StageResource[]): Check => ({
  name: 'event sources',
  rights: ['lambda:ListEventSourceMappings'],
  async look() {
    const findings: Finding[] = [];
    for (const [queue, { consumer, maxConcurrency }] of Object.entries(QUEUES)) {
      const FunctionName = functionIdOf(resources, consumer);
      const { EventSourceMappings = [] } = await client.send(new ListEventSourceMappingsCommand({ FunctionName }));
      const [mapping] = EventSourceMappings;
      if (!mapping) findings.push(bad(`Nothing leads the ${queue} queue to ${consumer}.`, 'Deploy the service stack.'));
      else if (mapping.State !== 'Enabled')
        findings.push(
          bad(
            `What leads the ${queue} queue to ${consumer} is ${mapping.State ?? 'unknown'}: its work waits.`,
            `If nobody holds it on purpose: aws lambda update-event-source-mapping --uuid ${mapping.UUID ?? ''} --enabled`,
          ),
        );
      else
        findings.push(
          ok(`The ${queue} queue leads to ${consumer}, ${mapping.ScalingConfig?.MaximumConcurrency ?? maxConcurrency} at once.`),
        );
    }
    return findings;
  },
});

/** Whether logs are forgotten in the end. */
export const checkLogs = (client: CloudWatchLogsClient, resources: readonly StageResource[]): Check => ({
  name: 'logs',
  rights: ['logs:DescribeLogGroups'],
  async look() {
    const names = resources.filter(({ type }) => type === 'AWS::Logs::LogGroup').map(({ physicalId }) => physicalId);
    const endless: string[] = [];
    for (const name of names) {
      const { logGroups = [] } = await client.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: name }));
      const found = logGroups.find(({ logGroupName }) => logGroupName === name);
      if (!found) return bad(`The log group ${name} is missing.`, 'Deploy the service stack.');
      if (found.retentionInDays === undefined) endless.push(name);
    }
    return endless.length === 0
      ? ok(`All ${names.length} log groups forget in the end.`)
      : warn(`Never forgotten: ${endless.join(', ')}.`, 'Deploy the service stack, or aws logs put-retention-policy.');
  },
});
