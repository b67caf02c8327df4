import { Validations } from 'aws-cdk-lib';
import { AccountRecovery, FeaturePlan, Mfa, StringAttribute, UserPool, type UserPoolDomain } from 'aws-cdk-lib/aws-cognito';
import { Construct } from 'constructs';
import type { Lifetime } from '../lifetime.ts';

/** Names without the prefix `custom:` that Cognito puts in front of them. */
const TENANT_ATTRIBUTE = 'tenant_id';
const ROLE_ATTRIBUTE = 'role';

/** The people of a deployment that has no issuer of its own. Operators make them: nobody signs up. */
export class PeoplePool extends Construct {
  readonly pool: UserPool;
  /** Where the sign-in pages are, for a deployment that wants them. */
  readonly domain: UserPoolDomain | undefined;

  constructor(
    scope: Construct,
    id: string,
    { lifetime, domainPrefix }: { lifetime: Lifetime; domainPrefix: string | undefined },
  ) {
    super(scope, id);
    this.pool = new UserPool(this, 'Pool', {
      selfSignUpEnabled: false,
      signInAliases: { email: true },
      signInCaseSensitive: false,
      standardAttributes: { email: { required: true, mutable: true }, fullname: { required: false, mutable: true } },
      autoVerify: { email: true },
      // A new address counts only once its owner has confirmed it: until then tokens show the old one.
      keepOriginal: { email: true },
      customAttributes: {
        [TENANT_ATTRIBUTE]: new StringAttribute({ mutable: false }),
        [ROLE_ATTRIBUTE]: new StringAttribute({ mutable: true }),
      },
      mfa: Mfa.OPTIONAL,
      mfaSecondFactor: { otp: true, sms: false },
      passwordPolicy: {
        minLength: 12,
        requireLowercase: true,
        requireUppercase: true,
        requireDigits: true,
        requireSymbols: true,
      },
      accountRecovery: AccountRecovery.EMAIL_ONLY,
      featurePlan: FeaturePlan.ESSENTIALS,
      deletionProtection: !lifetime.disposable,
      removalPolicy: lifetime.removalPolicy,
    });
    this.domain = domainPrefix === undefined ? undefined : this.pool.addDomain('SignIn', { cognitoDomain: { domainPrefix } });
    Validations.of(this.pool).acknowledge(
      {
        id: 'AwsSolutions-COG2',
        reason:
          'A second factor by authenticator app is offered to everybody and forced on nobody: tenants differ in what their people own.',
      },
      {
        id: 'AwsSolutions-COG8',
        reason:
          'The plus plan is paid per person for threat protection; one operator makes every account here, and nobody signs up.',
      },
    );
  }
}
