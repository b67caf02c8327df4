import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  UpdateContinuousBackupsCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { TABLE } from '../../src/contract/manifest.ts';
import { clientOptions } from './client-options.ts';

export interface Mend {
  /** The property of the template that the emulator drops. */
  property: string;
  /** What the emulator does with it. */
  drops: string;
  /** The test that asserts the property on the template, which this deployment therefore does not prove. */
  asserted: string;
  /** Whether the deployed table has it. */
  isThere: (dynamodb: DynamoDBClient, tableName: string) => Promise<boolean>;
  make: (dynamodb: DynamoDBClient, tableName: string) => Promise<unknown>;
}

/** What MiniStack drops of the templates, each with the call that a deployment to AWS does not need. */
export const MENDS: readonly Mend[] = [
  {
    property: 'AWS::DynamoDB::GlobalTable TimeToLiveSpecification',
    drops: 'the table is made without a time to live, so nothing expires',
    asserted: 'tests/infra/data.test.ts',
    isThere: async (dynamodb, TableName) => {
      const { TimeToLiveDescription } = await dynamodb.send(new DescribeTimeToLiveCommand({ TableName }));
      return TimeToLiveDescription?.TimeToLiveStatus === 'ENABLED';
    },
    make: (dynamodb, TableName) => {
      const TimeToLiveSpecification = { AttributeName: TABLE.ttlAttribute, Enabled: true };
      return dynamodb.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
    },
  },
  {
    property: 'AWS::DynamoDB::GlobalTable Replicas[].DeletionProtectionEnabled',
    drops: 'what stands under Replicas is ignored: the table of a lasting stage can be deleted',
    asserted: 'tests/infra/data.test.ts',
    isThere: async (dynamodb, TableName) =>
      (await dynamodb.send(new DescribeTableCommand({ TableName }))).Table?.DeletionProtectionEnabled === true,
    make: (dynamodb, TableName) => dynamodb.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: true })),
  },
  {
    property: 'AWS::DynamoDB::GlobalTable Replicas[].PointInTimeRecoverySpecification',
    drops: 'what stands under Replicas is ignored: the table cannot be restored to a moment',
    asserted: 'tests/infra/data.test.ts',
    isThere: async (dynamodb, TableName) => {
      const { ContinuousBackupsDescription } = await dynamodb.send(new DescribeContinuousBackupsCommand({ TableName }));
      return ContinuousBackupsDescription?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus === 'ENABLED';
    },
    make: (dynamodb, TableName) => {
      const PointInTimeRecoverySpecification = { PointInTimeRecoveryEnabled: true };
      return dynamodb.send(new UpdateContinuousBackupsCommand({ TableName, PointInTimeRecoverySpecification }));
    },
  },
];

/** Makes on a deployed table what the emulator dropped, and answers which of the mends it took. */
export async function mendDeployment(endpoint: string, tableName: string): Promise<Mend[]> {
  const dynamodb = new DynamoDBClient(clientOptions(endpoint));
  const made: Mend[] = [];
  for (const mend of MENDS) {
    if (await mend.isThere(dynamodb, tableName)) continue;
    await mend.make(dynamodb, tableName);
    made.push(mend);
  }
  dynamodb.destroy();
  return made;
}
