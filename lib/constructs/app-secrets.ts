import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import { PolicyStatement, type IGrantable, type PolicyStatementProps } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { SharedSecret } from '../deployment.ts';
import type { Lifetime } from '../lifetime.ts';

const PEPPER_LENGTH = 64;

/** A secret as far as a right to read it goes, whoever keeps it. */
export type ReadableSecret = SharedSecret;

export interface AppSecretsProps {
  lifetime: Lifetime;
  /** The Mailchimp app's secret, when somebody else keeps it. */
  shared: SharedSecret | undefined;
}

/** The secrets and the key of the service itself. Tenants' tokens are data: the service makes and deletes those by itself. */
export class AppSecrets extends Construct {
  readonly pepper: ReadableSecret;
  /** Of this deployment, or one that somebody else keeps. */
  readonly mailchimpApp: ReadableSecret;
  /**
   * Encrypts the data keys of tokens that are kept in the table. It is there whichever way tokens are kept, $1 a month, so
   * that changing from one to the other and back needs no step in between.
   */
  readonly tokenKey: Key;

  constructor(scope: Construct, id: string, { lifetime, shared }: AppSecretsProps) {
    super(scope, id);
    const pepper = new Secret(this, 'Pepper', {
      description: 'Key of every suppression hash and cursor. Losing or changing it frees everybody who was erased.',
      generateSecretString: {
        secretStringTemplate: '{}',
        generateStringKey: 'pepper',
        passwordLength: PEPPER_LENGTH,
        excludePunctuation: true,
      },
      // Kept in every stage: a table restored from a backup is worthless without the pepper it was written with.
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.pepper = { arn: pepper.secretArn, keyArn: undefined };
    this.mailchimpApp = shared ?? { arn: this.#makeMailchimpApp(lifetime).secretArn, keyArn: undefined };
    this.tokenKey = new Key(this, 'TokenKey', {
      description: "Encrypts the data keys of tenants' tokens. Without it every tenant has to reconnect.",
      enableKeyRotation: true,
      removalPolicy: lifetime.removalPolicy,
    });
    Validations.of(pepper).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason: 'A rotated pepper would no longer match the stored hashes, and erased people could be mailed again.',
    });
  }

  #makeMailchimpApp(lifetime: Lifetime): Secret {
    const secret = new Secret(this, 'MailchimpApp', {
      description: 'OAuth client of the Mailchimp app: {"clientId", "clientSecret"}. An operator puts the value.',
      // The empty clientId makes connecting fail with a clear error until an operator puts the real value.
      generateSecretString: {
        secretStringTemplate: '{"clientId":""}',
        generateStringKey: 'clientSecret',
        excludePunctuation: true,
      },
      removalPolicy: lifetime.removalPolicy,
    });
    Validations.of(secret).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason: 'Mailchimp has no API to rotate the secret of an OAuth app: an operator replaces it at Mailchimp and here.',
    });
    return secret;
  }

  grantTokenKey(grantee: IGrantable, action: 'kms:Decrypt' | 'kms:GenerateDataKey'): void {
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({
        actions: [action],
        resources: [this.tokenKey.keyArn],
        conditions: {
          'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': TOKEN_CONTEXT },
          Null: { 'kms:EncryptionContextKeys': 'false' },
        },
      }),
    );
  }
}

/** What a data key of a token is bound to: KMS refuses a call that names anything else, or nothing. */
const TOKEN_CONTEXT = ['tenantId', 'platform'];

/**
 * One action on one secret; `grantRead` of the CDK would also allow reading its metadata. A key of its own may decrypt nothing but this
 * secret, and only for Secrets Manager.
 */
export function grantValue({ arn, keyArn }: ReadableSecret, grantee: IGrantable, region: string): void {
  const allow = (statement: PolicyStatementProps): void => {
    grantee.grantPrincipal.addToPrincipalPolicy(new PolicyStatement(statement));
  };
  allow({ actions: ['secretsmanager:GetSecretValue'], resources: [arn] });
  if (keyArn === undefined) return;
  allow({
    actions: ['kms:Decrypt'],
    resources: [keyArn],
    conditions: {
      StringEquals: { 'kms:EncryptionContext:SecretARN': arn, 'kms:ViaService': `secretsmanager.${region}.amazonaws.com` },
    },
  });
}
