import { ArnFormat, Duration, Stack, Validations } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  CfnStage,
  CorsHttpMethod,
  HttpApi,
  HttpIntegrationType,
  HttpMethod,
  HttpRoute,
  HttpRouteIntegration,
  HttpRouteKey,
  HttpStage,
  LogGroupLogDestination,
  PayloadFormatVersion,
  type CorsPreflightOptions,
  type HttpRouteIntegrationConfig,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { CORS } from '../../src/contract/cors.ts';
import type { FunctionName } from '../../src/contract/manifest.ts';
import type { Route } from '../../src/contract/route.ts';
import { ROUTE_IDS, ROUTES } from '../../src/contract/routes.ts';
import { THROTTLES, type ThrottleName } from '../../src/contract/throttles.ts';
import type { OwnDomain } from '../deployment.ts';
import type { Lifetime } from '../lifetime.ts';
import { logicalId } from '../logical-id.ts';
import { ApiDomain } from './api-domain.ts';
import type { ServiceFunction } from './service-function.ts';

/** Answers whatever no route matches, with a 404 in the API's own form. */
const FALLBACK: FunctionName = 'api-read';

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

export interface ServiceApiProps {
  name: string;
  lifetime: Lifetime;
  /** Whose scripts may call it; with none the gateway answers no preflight and adds no header. */
  consoleOrigins: readonly string[];
  domain: OwnDomain | undefined;
}

/** The HTTP API: every route of the contract, and nothing else. */
export class ServiceApi extends Construct {
  readonly api: HttpApi;
  readonly stage: HttpStage;
  /** Where it answers: at the domain of the deployment, or where AWS put it. */
  readonly endpoint: string;
  readonly #lifetime: Lifetime;

  constructor(scope: Construct, id: string, { name, lifetime, consoleOrigins, domain }: ServiceApiProps) {
    super(scope, id);
    this.#lifetime = lifetime;
    this.api = new HttpApi(this, 'Api', {
      apiName: name,
      createDefaultStage: false,
      ...(consoleOrigins.length > 0 && { corsPreflight: corsFor(consoleOrigins) }),
      ...(domain && { disableExecuteApiEndpoint: !domain.keepsDefaultEndpoint }),
    });
    const logGroup = new LogGroup(this, 'AccessLogs', {
      retention: lifetime.logRetention,
      removalPolicy: lifetime.removalPolicy,
    });
    this.stage = new HttpStage(this, 'Stage', {
      httpApi: this.api,
      autoDeploy: true,
      throttle: this.#throttle('standard'),
      accessLogSettings: {
        destination: new LogGroupLogDestination(logGroup),
        format: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG)),
      },
    });
    if (domain) new ApiDomain(this, 'Domain', { api: this.api, stage: this.stage, domain });
    this.endpoint = domain ? `https://${domain.name}` : this.api.apiEndpoint;
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-APIG4',
      reason:
        'Authentication is the first middleware of the functions, driven by the route table: tenants call with API keys, and refusals are problem+json.',
    });
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
    const limited: LimitedRoute[] = [];
    for (const id of ROUTE_IDS) {
      const { method, path, fn, throttle = 'standard' }: Route = ROUTES[id];
      const key = HttpRouteKey.with(path, HttpMethod[method]);
      const route = this.#route(logicalId(id), key, integrationOf(fn));
      if (throttle !== 'standard') limited.push({ key: key.key, route, throttle });
    }
    this.#limit(limited);
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

  /** Disposable stages get a tenth: they may share an account, and its quotas, with one that must not be starved. */
  #throttle(name: ThrottleName): { rateLimit: number; burstLimit: number } {
    const share = this.#lifetime.disposable ? 0.1 : 1;
    return { rateLimit: THROTTLES[name].rate * share, burstLimit: THROTTLES[name].burst * share };
  }

  /** Gives routes a throttle of their own, and the webhook's metrics as well, which cost per route. */
  #limit(routes: readonly LimitedRoute[]): void {
    const stage = this.stage.node.defaultChild;
    if (!(stage instanceof CfnStage)) throw new Error('The stage of the HTTP API has no CloudFormation resource.');
    stage.routeSettings = Object.fromEntries(
      routes.map(({ key, throttle }) => {
        const { rateLimit, burstLimit } = this.#throttle(throttle);
        const metrics = throttle === 'webhook';
        return [key, { DetailedMetricsEnabled: metrics, ThrottlingRateLimit: rateLimit, ThrottlingBurstLimit: burstLimit }];
      }),
    );
    // CloudFormation refuses settings for a route that does not exist yet.
    stage.node.addDependency(...routes.map(({ route }) => route));
  }
}

interface LimitedRoute {
  key: string;
  route: HttpRoute;
  throttle: ThrottleName;
}

const corsFor = (origins: readonly string[]): CorsPreflightOptions => ({
  allowOrigins: [...origins],
  allowMethods: CORS.methods.map((method) => CorsHttpMethod[method]),
  allowHeaders: [...CORS.requestHeaders],
  exposeHeaders: [...CORS.answerHeaders],
  maxAge: Duration.seconds(CORS.maxAgeSeconds),
});

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
