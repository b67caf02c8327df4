import {
  DynamoDBClient,
  UpdateContinuousBackupsCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { TABLE } from '../../src/contract/manifest.ts';
import { clientOptions } from './client-options.ts';

interface Mend {
  /** The property of the template that the emulator drops. */
  property: string;
  /** What the emulator does with it. */
  drops: string;
  /** The test that asserts the property on the template, which this deployment therefore does not prove. */
  asserted: string;
  make: (dynamodb: DynamoDBClient, tableName: string) => Promise<unknown>;
}

/** What MiniStack drops of the templates, each with the call that a deployment to AWS does not need. */
export const MENDS: readonly Mend[] = [
  {
    property: 'AWS::DynamoDB::GlobalTable TimeToLiveSpecification',
    drops: 'The table is made without a time to live, so nothing expires.',
    asserted: 'tests/infra/data.test.ts',
    make: (dynamodb, TableName) =>
      dynamodb.send(
        new UpdateTimeToLiveCommand({
          TableName,
          TimeToLiveSpecification: { AttributeName: TABLE.ttlAttribute, Enabled: true },
        }),
      ),
  },
  {
    property: 'AWS::DynamoDB::GlobalTable Replicas[].DeletionProtectionEnabled',
    drops: 'What stands under Replicas is ignored: the table of a lasting stage can be deleted.',
    asserted: 'tests/infra/data.test.ts',
    make: (dynamodb, TableName) => dynamodb.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: true })),
  },
  {
    property: 'AWS::DynamoDB::GlobalTable Replicas[].PointInTimeRecoverySpecification',
    drops: 'What stands under Replicas is ignored: the table has no backup.',
    asserted: 'tests/infra/data.test.ts',
    make: (dynamodb, TableName) =>
      dynamodb.send(
        new UpdateContinuousBackupsCommand({
          TableName,
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        }),
      ),
  },
];

/** Makes each of the mends on what was deployed. */
export async function mendDeployment(endpoint: string, tableName: string): Promise<void> {
  const dynamodb = new DynamoDBClient(clientOptions(endpoint));
  for (const { make } of MENDS) await make(dynamodb, tableName);
  dynamodb.destroy();
}
