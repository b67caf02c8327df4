import { AttributeType, Billing, ProjectionType, TableV2, type SecondaryIndexProps } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { TABLE } from '../../src/contract/manifest.ts';
import type { TableStatement } from '../../src/contract/table-access.ts';
import type { Lifetime } from '../lifetime.ts';

const text = (name: string) => ({ name, type: AttributeType.STRING });

const projectionOf = (projection: 'ALL' | readonly string[]): Pick<SecondaryIndexProps, 'projectionType' | 'nonKeyAttributes'> =>
  projection === 'ALL'
    ? { projectionType: ProjectionType.ALL }
    : { projectionType: ProjectionType.INCLUDE, nonKeyAttributes: [...projection] };

/** The single table, with every tenant's data. */
export class TenantTable extends Construct {
  readonly table: TableV2;

  constructor(scope: Construct, id: string, lifetime: Lifetime) {
    super(scope, id);
    this.table = new TableV2(this, 'Table', {
      partitionKey: text(TABLE.partitionKey),
      sortKey: text(TABLE.sortKey),
      timeToLiveAttribute: TABLE.ttlAttribute,
      billing: Billing.onDemand(),
      globalSecondaryIndexes: TABLE.indexes.map((index) => ({
        indexName: index.name,
        partitionKey: text(index.partitionKey),
        sortKey: text(index.sortKey),
        ...projectionOf(index.projection),
      })),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: !lifetime.disposable,
      removalPolicy: lifetime.removalPolicy,
    });
  }

  /**
   * Each statement holds for its families of partition keys alone. `ForAllValues` is true of a call that names no key, which
   * `Null` refuses. Reading never includes Scan: no use case may walk through all tenants' data.
   */
  grant(grantee: IGrantable, statements: readonly TableStatement[]): void {
    for (const { actions, index, patterns } of statements) {
      grantee.grantPrincipal.addToPrincipalPolicy(
        new PolicyStatement({
          actions: actions.map((action) => `dynamodb:${action}`),
          resources: [index === null ? this.table.tableArn : `${this.table.tableArn}/index/${index}`],
          conditions: {
            'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [...patterns] },
            Null: { 'dynamodb:LeadingKeys': 'false' },
          },
        }),
      );
    }
  }
}
