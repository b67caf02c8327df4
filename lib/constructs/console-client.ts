import { Duration } from 'aws-cdk-lib';
import { ClientAttributes, OAuthScope, UserPoolClient, type IUserPool } from 'aws-cdk-lib/aws-cognito';
import { Construct } from 'constructs';

/** A token cannot be taken back, so this is how long a person who was disabled may still call. */
const TOKEN_LIFETIME = Duration.minutes(60);
const SESSION_LIFETIME = Duration.hours(12);

/** The console, as the user pool knows it: a program in a browser, which can keep no secret and proves itself by PKCE. */
export class ConsoleClient extends Construct {
  readonly client: UserPoolClient;

  constructor(scope: Construct, id: string, { pool, returnUrls }: { pool: IUserPool; returnUrls: readonly string[] }) {
    super(scope, id);
    this.client = new UserPoolClient(this, 'Client', {
      userPool: pool,
      generateSecret: false,
      authFlows: { userSrp: true },
      oAuth: {
        flows: { authorizationCodeGrant: true },
        scopes: [OAuthScope.OPENID, OAuthScope.EMAIL, OAuthScope.PROFILE],
        callbackUrls: [...returnUrls],
        logoutUrls: [...returnUrls],
      },
      // Tenant and role are not among them: who could write them would be whoever they like.
      writeAttributes: new ClientAttributes().withStandardAttributes({ email: true, fullname: true }),
      idTokenValidity: TOKEN_LIFETIME,
      accessTokenValidity: TOKEN_LIFETIME,
      refreshTokenValidity: SESSION_LIFETIME,
      enableTokenRevocation: true,
      preventUserExistenceErrors: true,
    });
  }
}
