import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import {
  FUNCTIONS,
  OIDC_ROLE_CLAIM,
  OIDC_TENANT_CLAIM,
  QUEUES,
  RETURN_PATH,
  type EnvName,
  type FunctionName,
} from '../../src/contract/manifest.ts';
import { ROUTES } from '../../src/contract/routes.ts';
import { ConsoleClient } from '../constructs/console-client.ts';
import { bindFunction } from '../constructs/function-bindings.ts';
import { Dashboard } from '../constructs/dashboard.ts';
import { Monitoring } from '../constructs/monitoring.ts';
import { ownMetrics } from '../constructs/own-metric.ts';
import { Schedules } from '../constructs/schedules.ts';
import { ServiceApi } from '../constructs/service-api.ts';
import { ServiceFunction } from '../constructs/service-function.ts';
import { WorkQueue } from '../constructs/work-queue.ts';
import type { PeoplePool } from '../constructs/people-pool.ts';
import type { Deployment } from '../deployment.ts';
import { lifetimeOf } from '../lifetime.ts';
import { logicalId } from '../logical-id.ts';
import type { StatefulStack } from './stateful-stack.ts';

/** What one tenant may ask of the API. */
const RATE_LIMIT_PER_MINUTE = 3000;

export interface ServiceStackProps extends StackProps {
  deployment: Deployment;
  stateful: StatefulStack;
  /** Holds the bundled functions, one folder each. */
  functionsDir: string;
}

/** Everything that can be made anew: API, functions, queues, schedules, alarms. */
export class ServiceStack extends Stack {
  constructor(scope: Construct, id: string, { deployment, stateful, functionsDir, ...props }: ServiceStackProps) {
    super(scope, id, { description: 'E-mail platform service: API, functions, queues, schedules, alarms', ...props });
    const { stage } = deployment;
    const lifetime = lifetimeOf(stage);

    const api = new ServiceApi(this, 'ServiceApi', {
      name: `email-platform ${stage}`,
      lifetime,
      consoleOrigins: deployment.consoleOrigins,
      domain: deployment.domain,
    });
    const queues = {
      sync: new WorkQueue(this, 'SyncQueue', QUEUES.sync),
      followups: new WorkQueue(this, 'FollowupsQueue', QUEUES.followups),
    };
    const baseUrl = deployment.publicBaseUrl ?? api.endpoint;
    const returnUrls = deployment.returnUrls.length > 0 ? deployment.returnUrls : [`${baseUrl}${RETURN_PATH}`];
    const environment: Record<EnvName, string | undefined> = {
      STAGE: stage,
      DEPLOYMENT_ID: stateful.deploymentId,
      TABLE_NAME: stateful.table.table.tableName,
      PEPPER_SECRET_ID: stateful.secrets.pepper.arn,
      CURSOR_KEY_IDS: deployment.cursorKeyIds.join(','),
      MAILCHIMP_APP_SECRET_ID: stateful.secrets.mailchimpApp.arn,
      SYNC_QUEUE_URL: queues.sync.queue.queueUrl,
      FOLLOWUPS_QUEUE_URL: queues.followups.queue.queueUrl,
      SYNC_DEAD_LETTERS_URL: queues.sync.deadLetters.queueUrl,
      FOLLOWUPS_DEAD_LETTERS_URL: queues.followups.deadLetters.queueUrl,
      PUBLIC_BASE_URL: baseUrl,
      RETURN_URLS: returnUrls.join(','),
      OAUTH_PKCE: deployment.pkce ? 'on' : 'off',
      TOKEN_STORE: deployment.tokenStore,
      TOKEN_KEY_ID: stateful.secrets.tokenKey.keyArn,
      MAILCHIMP_LOGIN_URL: deployment.mailchimpLoginUrl,
      // Only the local stack answers in Mailchimp's place; a deployment that did would send tokens to a host of its own.
      MAILCHIMP_API_HOST_OVERRIDE: undefined,
      RATE_LIMIT_PER_MINUTE: String(RATE_LIMIT_PER_MINUTE),
      ...this.#callers(deployment.people, stateful.people, returnUrls),
    };

    const functionOf = (name: FunctionName): ServiceFunction => {
      const fn = new ServiceFunction(this, logicalId(name), { name, functionsDir, lifetime });
      bindFunction(fn, FUNCTIONS[name], { stage, table: stateful.table, secrets: stateful.secrets, queues, environment });
      return fn;
    };
    const functions: Record<FunctionName, ServiceFunction> = {
      'api-read': functionOf('api-read'),
      'api-write': functionOf('api-write'),
      'api-connect': functionOf('api-connect'),
      'api-erase': functionOf('api-erase'),
      webhook: functionOf('webhook'),
      dispatcher: functionOf('dispatcher'),
      'sync-worker': functionOf('sync-worker'),
      followups: functionOf('followups'),
    };

    api.serveWith(functions);
    queues.sync.deliverTo(functions[QUEUES.sync.consumer].handler);
    queues.followups.deliverTo(functions[QUEUES.followups.consumer].handler);
    const schedules = new Schedules(this, 'Schedules', functions.dispatcher.handler);
    const watched = { api, functions, queues, table: stateful.table.table, own: ownMetrics(stage) };
    const { alarms } = new Monitoring(this, 'Monitoring', {
      ...watched,
      schedules,
      alarmEmail: deployment.alarmEmail,
    });
    const { dashboard } = new Dashboard(this, 'Dashboard', { ...watched, stage, alarms });

    new CfnOutput(this, 'ApiUrl', { value: baseUrl });
    new CfnOutput(this, 'ApiEndpoint', {
      value: api.endpoint,
      description: "API Gateway's own address: where a proxy or a record of yours may lead.",
    });
    new CfnOutput(this, 'DashboardUrl', {
      value: `https://${this.region}.console.aws.amazon.com/cloudwatch/home?region=${this.region}#dashboards/dashboard/${dashboard.dashboardName}`,
      description: 'Sends, webhooks, syncs and what they rest on, on one page: docs/observability.md.',
    });
    new CfnOutput(this, 'MailchimpRedirectUri', {
      value: `${baseUrl}${ROUTES.oauthCallback.path.replace('{platform}', 'mailchimp')}`,
      description: 'Register this as the redirect URI of the Mailchimp app.',
    });
  }

  /**
   * How functions recognise people. The client of the pool is made here and not beside the pool, because where the browser
   * returns to is known only when the API is there; it holds nothing that could be lost.
   */
  #callers(
    people: Deployment['people'],
    pool: PeoplePool | undefined,
    returnUrls: readonly string[],
  ): Record<Extract<EnvName, `OIDC_${string}`>, string | undefined> {
    if (people.kind === 'issuer') {
      return {
        OIDC_ISSUER: people.issuer,
        OIDC_AUDIENCE: people.audience,
        OIDC_JWKS_URL: people.jwksUrl,
        OIDC_TENANT_CLAIM: people.tenantClaim,
        OIDC_ROLE_CLAIM: people.roleClaim,
      };
    }
    if (!pool) throw new Error('The deployment has a user pool, but its stateful stack has none.');
    const { client } = new ConsoleClient(this, 'Console', { pool: pool.pool, returnUrls });
    new CfnOutput(this, 'UserPoolClientId', { value: client.userPoolClientId, description: 'The OAuth client of the console.' });
    return {
      OIDC_ISSUER: `https://cognito-idp.${this.region}.amazonaws.com/${pool.pool.userPoolId}`,
      OIDC_AUDIENCE: client.userPoolClientId,
      OIDC_JWKS_URL: undefined,
      OIDC_TENANT_CLAIM,
      OIDC_ROLE_CLAIM,
    };
  }
}
