import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  ListTagsOfResourceCommand,
  ResourceNotFoundException,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { TABLE } from '../../src/contract/manifest.ts';
import { bad, ok, warn, type Check, type Finding } from './check.ts';

/** Whether the table and its indexes are there and in use. */
export const checkTable = (client: DynamoDBClient, tableName: string): Check => ({
  name: 'table',
  rights: ['dynamodb:DescribeTable'],
  async look() {
    const found = await client.send(new DescribeTableCommand({ TableName: tableName })).catch((error: unknown) => {
      if (error instanceof ResourceNotFoundException) return undefined;
      throw error;
    });
    if (!found) return bad(`There is no table ${tableName}.`, 'See "The table is gone" in docs/runbook.md.');
    const { TableStatus, GlobalSecondaryIndexes = [] } = found.Table ?? {};
    if (TableStatus !== 'ACTIVE' && TableStatus !== 'UPDATING')
      return bad(
        `The table is ${TableStatus}.`,
        'See AWS Health; if it is archived or being deleted, "The table is gone" in docs/runbook.md.',
      );
    const missing = TABLE.indexes.filter(
      ({ name }) => !GlobalSecondaryIndexes.some(({ IndexName, IndexStatus }) => IndexName === name && IndexStatus === 'ACTIVE'),
    );
    if (missing.length > 0)
      return bad(
        `The index ${missing.map(({ name }) => name).join(', ')} is missing or not active.`,
        'A restore may leave indexes out: deploy the stateful stack, and wait until they are active.',
      );
    return ok(`The table and its ${TABLE.indexes.length} indexes are active.`);
  },
});

/** What keeps the table's data: backups, protection, and the removal of what is over. @param isDisposable whether the stage may lose its data */
export const checkTableSafety = (client: DynamoDBClient, tableName: string, isDisposable: boolean): Check => ({
  name: 'table safety',
  rights: ['dynamodb:DescribeTable', 'dynamodb:DescribeContinuousBackups', 'dynamodb:DescribeTimeToLive'],
  async look() {
    const named = { TableName: tableName };
    const [table, backups, ttl] = await Promise.all([
      client.send(new DescribeTableCommand(named)),
      client.send(new DescribeContinuousBackupsCommand(named)),
      client.send(new DescribeTimeToLiveCommand(named)),
    ]);
    const recovery = backups.ContinuousBackupsDescription?.PointInTimeRecoveryDescription;
    const isProtected = table.Table?.DeletionProtectionEnabled === true;
    const { TimeToLiveStatus, AttributeName } = ttl.TimeToLiveDescription ?? {};
    const findings: Finding[] = [
      recovery?.PointInTimeRecoveryStatus === 'ENABLED'
        ? ok(`It can be restored to any second since ${recovery.EarliestRestorableDateTime?.toISOString() ?? 'now'}.`)
        : bad(
            'It cannot be restored: point-in-time recovery is off.',
            `aws dynamodb update-continuous-backups --table-name ${tableName} --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true`,
          ),
      (TimeToLiveStatus === 'ENABLED' || TimeToLiveStatus === 'ENABLING') && AttributeName === TABLE.ttlAttribute
        ? ok('What is over is removed.')
        : bad(
            'What is over is never removed: time to live is off.',
            `aws dynamodb update-time-to-live --table-name ${tableName} --time-to-live-specification Enabled=true,AttributeName=${TABLE.ttlAttribute}`,
          ),
    ];
    if (isProtected || isDisposable)
      findings.push(
        ok(
          isProtected
            ? 'It is protected against deletion.'
            : 'The stage may lose its data, so nothing protects it against deletion.',
        ),
      );
    else
      findings.push(
        bad(
          'Nothing protects it against deletion.',
          `aws dynamodb update-table --table-name ${tableName} --deletion-protection-enabled`,
        ),
      );
    return findings;
  },
});

/** Whether the table has the tags that every deployment gives it, which a restore leaves out. */
export const checkTableTags = (client: DynamoDBClient, tableName: string, stage: string): Check => ({
  name: 'table tags',
  rights: ['dynamodb:DescribeTable', 'dynamodb:ListTagsOfResource'],
  async look() {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: tableName }));
    const ResourceArn = Table?.TableArn ?? '';
    const { Tags = [] } = await client.send(new ListTagsOfResourceCommand({ ResourceArn }));
    const missing = Object.entries({ service: 'email-platform', stage }).filter(
      ([key, value]) => !Tags.some(({ Key, Value }) => Key === key && Value === value),
    );
    if (missing.length === 0) return ok('It has the tags of its stage.');
    const given = missing.map(([key, value]) => `Key=${key},Value=${value}`).join(' ');
    return warn(
      `It lacks the tag ${missing.map(([key]) => key).join(', ')}, and perhaps those of the context key tags.`,
      `aws dynamodb tag-resource --resource-arn ${ResourceArn} --tags ${given}`,
    );
  },
});
