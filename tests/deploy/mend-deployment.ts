import { ApiGatewayV2Client, GetApiCommand, UpdateApiCommand } from '@aws-sdk/client-apigatewayv2';
import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  UpdateContinuousBackupsCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { TABLE } from '../../src/contract/manifest.ts';
import { clientOptions } from './client-options.ts';
import { readTemplates } from './fit-templates.ts';

/** A deployment, and the templates it was made from. */
export interface Mendable {
  endpoint: string;
  outDir: string;
  tableName: string;
  apiId: string;
}

interface Mend {
  /** The property of the template that the emulator drops. */
  property: string;
  /** What the emulator does with it. */
  drops: string;
  /** Whether the deployment has what the template says, or the template does not say it. */
  isThere: (deployed: Mendable) => Promise<boolean>;
  make: (deployed: Mendable) => Promise<unknown>;
}

const dynamodb = ({ endpoint }: Mendable) => new DynamoDBClient(clientOptions(endpoint));
const gateway = ({ endpoint }: Mendable) => new ApiGatewayV2Client(clientOptions(endpoint));

/**
 * What MiniStack drops of the templates, each with the call that a deployment to AWS does not need. None of it is proved by the
 * deployment, so `tests/infra/emulator-gaps.test.ts` asserts each on the template.
 */
export const MENDS = [
  {
    property: 'AWS::DynamoDB::GlobalTable TimeToLiveSpecification',
    drops: 'the table is made without a time to live, so nothing expires',
    isThere: async (deployed) => {
      const { tableName: TableName } = deployed;
      const { TimeToLiveDescription } = await dynamodb(deployed).send(new DescribeTimeToLiveCommand({ TableName }));
      return TimeToLiveDescription?.TimeToLiveStatus === 'ENABLED';
    },
    make: (deployed) =>
      dynamodb(deployed).send(
        new UpdateTimeToLiveCommand({
          TableName: deployed.tableName,
          TimeToLiveSpecification: { AttributeName: TABLE.ttlAttribute, Enabled: true },
        }),
      ),
  },
  {
    property: 'AWS::DynamoDB::GlobalTable Replicas[].DeletionProtectionEnabled',
    drops: 'what stands under Replicas is ignored: the table of a lasting stage can be deleted',
    isThere: async (deployed) => {
      const { Table } = await dynamodb(deployed).send(new DescribeTableCommand({ TableName: deployed.tableName }));
      return Table?.DeletionProtectionEnabled === true;
    },
    make: (deployed) =>
      dynamodb(deployed).send(new UpdateTableCommand({ TableName: deployed.tableName, DeletionProtectionEnabled: true })),
  },
  {
    property: 'AWS::DynamoDB::GlobalTable Replicas[].PointInTimeRecoverySpecification',
    drops: 'what stands under Replicas is ignored: the table cannot be restored to a moment',
    isThere: async (deployed) => {
      const { tableName: TableName } = deployed;
      const { ContinuousBackupsDescription } = await dynamodb(deployed).send(new DescribeContinuousBackupsCommand({ TableName }));
      return ContinuousBackupsDescription?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus === 'ENABLED';
    },
    make: (deployed) =>
      dynamodb(deployed).send(
        new UpdateContinuousBackupsCommand({
          TableName: deployed.tableName,
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        }),
      ),
  },
  {
    property: 'AWS::ApiGatewayV2::Api CorsConfiguration',
    drops: 'its names are kept as CloudFormation writes them, which the gateway does not read: every preflight is refused',
    isThere: async (deployed) => {
      if (corsOf(deployed.outDir) === undefined) return true;
      const { CorsConfiguration } = await gateway(deployed).send(new GetApiCommand({ ApiId: deployed.apiId }));
      return CorsConfiguration?.AllowOrigins !== undefined;
    },
    make: (deployed) =>
      gateway(deployed).send(new UpdateApiCommand({ ApiId: deployed.apiId, CorsConfiguration: corsOf(deployed.outDir) })),
  },
] as const satisfies readonly Mend[];

const corsSchema = z.object({
  AllowOrigins: z.array(z.string()).optional(),
  AllowMethods: z.array(z.string()).optional(),
  AllowHeaders: z.array(z.string()).optional(),
  ExposeHeaders: z.array(z.string()).optional(),
  AllowCredentials: z.boolean().optional(),
  MaxAge: z.number().optional(),
});

/** What the templates say of other origins, when they say anything. */
function corsOf(outDir: string): z.output<typeof corsSchema> | undefined {
  const resources = readTemplates(outDir).flatMap(({ template }) => Object.values(template.Resources));
  const api = resources.find(({ Type }) => Type === 'AWS::ApiGatewayV2::Api');
  return corsSchema.optional().parse(api?.Properties?.['CorsConfiguration']);
}

/** Makes on a deployment what the emulator dropped of its templates, and answers which of the mends it took. */
export async function mendDeployment(deployed: Mendable): Promise<Mend[]> {
  const made: Mend[] = [];
  for (const mend of MENDS) {
    if (await mend.isThere(deployed)) continue;
    await mend.make(deployed);
    made.push(mend);
  }
  return made;
}
