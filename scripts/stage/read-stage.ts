import { type CloudFormationClient, DescribeStacksCommand, paginateListStackResources } from '@aws-sdk/client-cloudformation';

/** What a stack made, as CloudFormation knows it. */
export interface StageResource {
  /** As in the template, such as `ApiReadHandler5D43B5C4`. */
  logicalId: string;
  type: string;
  physicalId: string;
}

export interface StageStack {
  name: string;
  /** The last part of the stack's id. */
  uuid: string;
  status: string;
  outputs: Readonly<Record<string, string>>;
  resources: readonly StageResource[];
}

export const STACKS = ['Stateful', 'Service'] as const;
export type StackName = (typeof STACKS)[number];
export const stackNameOf = (stage: string, stack: StackName): string => `EmailPlatform-${stage}-${stack}`;

/** One stack of a stage with its outputs and resources. Two calls, and one more per hundred resources. @throws whatever CloudFormation says */
export async function readStack(client: CloudFormationClient, stage: string, stack: StackName): Promise<StageStack> {
  const name = stackNameOf(stage, stack);
  const { Stacks: [found] = [] } = await client.send(new DescribeStacksCommand({ StackName: name }));
  const resources: StageResource[] = [];
  for await (const page of paginateListStackResources({ client }, { StackName: name }))
    for (const { LogicalResourceId = '', ResourceType = '', PhysicalResourceId = '' } of page.StackResourceSummaries ?? [])
      resources.push({ logicalId: LogicalResourceId, type: ResourceType, physicalId: PhysicalResourceId });
  return {
    name,
    uuid: found?.StackId?.split('/')[2] ?? '',
    status: found?.StackStatus ?? '',
    outputs: Object.fromEntries((found?.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue])),
    resources,
  };
}
