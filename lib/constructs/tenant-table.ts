import { AttributeType, Billing, ProjectionType, TableV2, type SecondaryIndexProps } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { TABLE } from '../../src/contract/manifest.ts';
import type { Lifetime } from '../lifetime.ts';

const text = (name: string) => ({ name, type: AttributeType.STRING });

const projectionOf = (projection: 'ALL' | readonly string[]): Pick<SecondaryIndexProps, 'projectionType' | 'nonKeyAttributes'> =>
  projection === 'ALL'
    ? { projectionType: ProjectionType.ALL }
    : { projectionType: ProjectionType.INCLUDE, nonKeyAttributes: [...projection] };

const READ_ITEMS = ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query'];
const WRITE_ITEMS = ['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem', 'dynamodb:BatchWriteItem'];

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

  /** Reading never includes Scan: no use case may walk through all tenants' data. */
  grant(grantee: IGrantable, access: 'read' | 'write'): void {
    if (access === 'write') {
      this.#allow(grantee, WRITE_ITEMS, [this.table.tableArn]);
      return;
    }
    this.#allow(grantee, READ_ITEMS, [this.table.tableArn]);
    this.#allow(
      grantee,
      ['dynamodb:Query'],
      TABLE.indexes.map((index) => `${this.table.tableArn}/index/${index.name}`),
    );
  }

  #allow(grantee: IGrantable, actions: string[], resources: string[]): void {
    grantee.grantPrincipal.addToPrincipalPolicy(new PolicyStatement({ actions, resources }));
  }
}
