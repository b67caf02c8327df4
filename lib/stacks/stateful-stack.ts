import { CfnOutput, Fn, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { AppSecrets } from '../constructs/app-secrets.ts';
import { PeoplePool } from '../constructs/people-pool.ts';
import { TenantTable } from '../constructs/tenant-table.ts';
import type { Deployment } from '../deployment.ts';
import { lifetimeOf } from '../lifetime.ts';

export interface StatefulStackProps extends StackProps {
  deployment: Deployment;
}

/** What must survive everything else: the table, the secrets of the service, and its people. */
export class StatefulStack extends Stack {
  readonly table: TenantTable;
  readonly secrets: AppSecrets;
  /** Absent when an issuer of one's own signs people in. */
  readonly people: PeoplePool | undefined;
  /** Tells this installation from a copy of it made elsewhere, so that a copy leaves the live one's webhooks alone. */
  readonly deploymentId: string;

  constructor(scope: Construct, id: string, { deployment, ...props }: StatefulStackProps) {
    super(scope, id, { description: 'E-mail platform service: table, secrets, people', ...props });
    const lifetime = lifetimeOf(deployment.stage);
    this.table = new TenantTable(this, 'TenantTable', lifetime);
    this.secrets = new AppSecrets(this, 'AppSecrets', { lifetime, shared: deployment.mailchimpAppSecret });
    this.people =
      deployment.people.kind === 'pool' ? new PeoplePool(this, 'People', { lifetime, ...deployment.people }) : undefined;
    // arn:…:stack/{name}/{uuid}
    this.deploymentId = Fn.select(2, Fn.split('/', this.stackId));

    if (this.people) {
      new CfnOutput(this, 'UserPoolId', {
        value: this.people.pool.userPoolId,
        description: 'Where operators make people: docs/people.md.',
      });
      if (this.people.domain) new CfnOutput(this, 'SignInUrl', { value: this.people.domain.baseUrl() });
    }
    new CfnOutput(this, 'TableName', { value: this.table.table.tableName });
    new CfnOutput(this, 'PepperSecretArn', {
      value: this.secrets.pepper.arn,
      description: 'Outlives this stack. Without it nobody recognises the people who were erased.',
    });
    new CfnOutput(this, 'MailchimpAppSecretArn', {
      value: this.secrets.mailchimpApp.arn,
      description:
        'Before anybody connects: aws secretsmanager put-secret-value --secret-id <this ARN> --secret-string \'{"clientId":"…","clientSecret":"…"}\'',
    });
  }
}
