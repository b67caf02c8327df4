import { ArnFormat, Stack, Validations } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  CfnStage,
  HttpApi,
  HttpIntegrationType,
  HttpMethod,
  HttpRoute,
  HttpRouteIntegration,
  HttpRouteKey,
  HttpStage,
  LogGroupLogDestination,
  PayloadFormatVersion,
  type HttpRouteIntegrationConfig,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { FunctionName } from '../../src/contract/manifest.ts';
import { ROUTE_IDS, ROUTES } from '../../src/contract/routes.ts';
import type { Lifetime } from '../lifetime.ts';
import { logicalId } from '../logical-id.ts';
import type { ServiceFunction } from './service-function.ts';

/** Answers whatever no route matches, with a 404 in the API's own form. */
const FALLBACK: FunctionName = 'api-read';

/** Per route and second. A tenant's own limit is far below; these keep one route from using up the account's quota. */
const API_THROTTLE = { rateLimit: 1000, burstLimit: 1000 } as const;
/** One large campaign brings its opt-outs within minutes, and what is refused here Mailchimp sends again for 75 minutes only. */
const WEBHOOK_THROTTLE = { rateLimit: 3000, burstLimit: 3000 } as const;

/** No path, query, address or header: they hold e-mail addresses, webhook secrets and OAuth codes. */
const ACCESS_LOG = {
  requestId: '$context.requestId',
  time: '$context.requestTimeEpoch',
  routeKey: '$context.routeKey',
  status: '$context.status',
  latencyMs: '$context.responseLatency',
  integrationLatencyMs: '$context.integrationLatency',
  integrationStatus: '$context.integrationStatus',
  responseBytes: '$context.responseLength',
  gatewayError: '$context.error.responseType',
};

/** The HTTP API: every route of the contract, and nothing else. */
export class ServiceApi extends Construct {
  readonly api: HttpApi;
  readonly stage: HttpStage;

  constructor(scope: Construct, id: string, { name, lifetime }: { name: string; lifetime: Lifetime }) {
    super(scope, id);
    this.api = new HttpApi(this, 'Api', { apiName: name, createDefaultStage: false });
    const logGroup = new LogGroup(this, 'AccessLogs', {
      retention: lifetime.logRetention,
      removalPolicy: lifetime.removalPolicy,
    });
    this.stage = new HttpStage(this, 'Stage', {
      httpApi: this.api,
      autoDeploy: true,
      throttle: API_THROTTLE,
      accessLogSettings: {
        destination: new LogGroupLogDestination(logGroup),
        format: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG)),
      },
    });
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-APIG4',
      reason:
        'Authentication is the first middleware of the functions, driven by the route table: tenants call with API keys, and refusals are problem+json.',
    });
  }

  /** Where the API answers when the deployment has no domain of its own. */
  get endpoint(): string {
    return this.api.apiEndpoint;
  }

  /** Routes every entry of the contract to its function, and everything else to the one that answers 404. */
  serveWith(functions: Record<FunctionName, ServiceFunction>): void {
    const integrations = new Map<FunctionName, FunctionIntegration>();
    const integrationOf = (name: FunctionName): FunctionIntegration => {
      const known = integrations.get(name);
      if (known !== undefined) return known;
      this.#allowInvoke(functions[name].handler);
      const integration = new FunctionIntegration(logicalId(name), functions[name].handler);
      integrations.set(name, integration);
      return integration;
    };
    this.#route('Fallback', HttpRouteKey.DEFAULT, integrationOf(FALLBACK));
    const webhookRoutes = new Map<string, HttpRoute>();
    for (const id of ROUTE_IDS) {
      const { method, path, fn } = ROUTES[id];
      const key = HttpRouteKey.with(path, HttpMethod[method]);
      const route = this.#route(logicalId(id), key, integrationOf(fn));
      if (fn === 'webhook') webhookRoutes.set(key.key, route);
    }
    this.#watch(webhookRoutes);
  }

  #route(id: string, routeKey: HttpRouteKey, integration: HttpRouteIntegration): HttpRoute {
    return new HttpRoute(this, id, { httpApi: this.api, routeKey, integration });
  }

  /**
   * One statement for all routes of a function, because a function's resource policy holds 20 KB at most. The source has
   * two parts after the API's id: a pattern of three would not match `$default`.
   */
  #allowInvoke(handler: LambdaFunction): void {
    handler.addPermission('Api', {
      principal: new ServicePrincipal('apigateway.amazonaws.com'),
      sourceArn: Stack.of(this).formatArn({
        service: 'execute-api',
        resource: this.api.apiId,
        resourceName: '*/*',
        arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
      }),
    });
  }

  /** Gives the webhook's routes metrics of their own, which cost per route, and a throttle of their own. */
  #watch(routes: ReadonlyMap<string, HttpRoute>): void {
    const stage = this.stage.node.defaultChild;
    if (!(stage instanceof CfnStage)) throw new Error('The stage of the HTTP API has no CloudFormation resource.');
    const settings = {
      DetailedMetricsEnabled: true,
      ThrottlingRateLimit: WEBHOOK_THROTTLE.rateLimit,
      ThrottlingBurstLimit: WEBHOOK_THROTTLE.burstLimit,
    };
    stage.routeSettings = Object.fromEntries([...routes.keys()].map((key) => [key, settings]));
    // CloudFormation refuses settings for a route that does not exist yet.
    stage.node.addDependency(...routes.values());
  }
}

/** Unlike `HttpLambdaIntegration`, adds no permission: `ServiceApi` adds one per function. */
class FunctionIntegration extends HttpRouteIntegration {
  readonly #handler: LambdaFunction;

  constructor(id: string, handler: LambdaFunction) {
    super(id);
    this.#handler = handler;
  }

  override bind(): HttpRouteIntegrationConfig {
    return {
      type: HttpIntegrationType.AWS_PROXY,
      uri: this.#handler.functionArn,
      payloadFormatVersion: PayloadFormatVersion.VERSION_2_0,
    };
  }
}
