import { describe, expect, it, test } from '@jest/globals';
import * as z from 'zod';
import { FUNCTIONS } from '../../src/contract/manifest.ts';
import { ROUTE_IDS, ROUTES, type RouteId } from '../../src/contract/routes.ts';
import type { Route } from '../../src/contract/route.ts';
import { THROTTLES } from '../../src/contract/throttles.ts';
import { only, synthesize, target } from './synthesized.ts';

const dev = synthesize({ stage: 'dev' }).service;
const prod = synthesize({ stage: 'prod' }).service;
const stageOf = (service: typeof dev): Record<string, unknown> =>
  only(service.ofType('AWS::ApiGatewayV2::Stage'), 'stage').Properties;
const settingsOf = (service: typeof dev): Record<string, Record<string, unknown>> =>
  z.record(z.string(), z.record(z.string(), z.unknown())).parse(stageOf(service)['RouteSettings']);
const keyOf = (id: RouteId): string => `${ROUTES[id].method} ${ROUTES[id].path}`;
const corsOf = (consoleOrigins: string[]): unknown =>
  only(synthesize({ consoleOrigins }).service.ofType('AWS::ApiGatewayV2::Api'), 'API').Properties['CorsConfiguration'];

describe('scripts of another origin', () => {
  it('may call nothing unless the deployment names their origin', () => {
    expect(corsOf([])).toBeUndefined();
  });

  it('of the console may send what the routes take and see what the answers carry, without credentials of the browser', () => {
    expect(corsOf(['https://app.example.test'])).toEqual({
      AllowOrigins: ['https://app.example.test'],
      AllowMethods: ['DELETE', 'GET', 'PATCH', 'POST', 'PUT'],
      AllowHeaders: ['authorization', 'content-type', 'idempotency-key'],
      ExposeHeaders: ['apigw-requestid', 'content-disposition', 'idempotent-replay', 'link', 'retry-after'],
      MaxAge: 7200,
    });
  });

  it('never include everybody', () => {
    expect(JSON.stringify(corsOf(['https://a.example.test', 'https://b.example.test']))).not.toContain('*');
  });

  it('are answered by the gateway: no route takes OPTIONS', () => {
    const { service } = synthesize({ consoleOrigins: ['https://app.example.test'] });
    const keys = service.ofType('AWS::ApiGatewayV2::Route').map(({ Properties }) => String(Properties['RouteKey']));
    expect(keys.filter((key) => key.startsWith('OPTIONS'))).toEqual([]);
    expect(keys.filter((key) => key.startsWith('ANY')).toSorted()).toEqual([
      keyOf('webhook'),
      keyOf('webhookWithId'),
      keyOf('webhookWithSlash'),
    ]);
  });
});

describe('throttles', () => {
  it('hold for every route, and more narrowly for those that cost more', () => {
    expect(stageOf(prod)['DefaultRouteSettings']).toEqual({ ThrottlingRateLimit: 1000, ThrottlingBurstLimit: 1000 });
    const vendor = { DetailedMetricsEnabled: false, ThrottlingRateLimit: 100, ThrottlingBurstLimit: 200 };
    const bulk = { DetailedMetricsEnabled: false, ThrottlingRateLimit: 60, ThrottlingBurstLimit: 60 };
    const webhook = { DetailedMetricsEnabled: true, ThrottlingRateLimit: 3000, ThrottlingBurstLimit: 3000 };
    expect(settingsOf(prod)).toEqual({
      'ANY /marketing-automation/webhooks/mailchimp': webhook,
      'ANY /marketing-automation/webhooks/mailchimp/{proxy+}': webhook,
      'ANY /marketing-automation/webhooks/{proxy+}': webhook,
      'POST /v1/integrations/{platform}/connect': vendor,
      'GET /v1/integrations/{platform}/callback': vendor,
      'POST /v1/integrations/{platform}/complete': vendor,
      'DELETE /v1/integrations/{platform}': vendor,
      'POST /v1/integrations/{platform}/webhooks/repair': vendor,
      'POST /v1/campaigns': vendor,
      'POST /v1/campaigns/{id}/send': vendor,
      'POST /v1/campaigns/{id}/test': vendor,
      'POST /v1/campaigns/{id}/preflight': vendor,
      'DELETE /v1/contacts/{email}': vendor,
      'GET /v1/campaigns/metrics/export': bulk,
      'POST /v1/suppressions/check': bulk,
      'GET /v1/suppressions/export': bulk,
      'POST /v1/suppressions/import': bulk,
      'GET /v1/contacts/{email}': bulk,
    });
  });

  it('are set after the routes they are about exist', () => {
    const { DependsOn } = only(prod.ofType('AWS::ApiGatewayV2::Stage'), 'stage');
    const waitsFor = z
      .array(z.string())
      .parse(DependsOn)
      .map((id) => prod.byId(id).Properties['RouteKey']);
    expect(waitsFor.toSorted()).toEqual(Object.keys(settingsOf(prod)).toSorted());
  });

  it('are a tenth in a stage that may share its account with a live one', () => {
    expect(stageOf(dev)['DefaultRouteSettings']).toEqual({ ThrottlingRateLimit: 100, ThrottlingBurstLimit: 100 });
    for (const [key, live] of Object.entries(settingsOf(prod))) {
      const disposable = settingsOf(dev)[key];
      expect([key, disposable?.['ThrottlingRateLimit']]).toEqual([key, Number(live['ThrottlingRateLimit']) / 10]);
      expect([key, disposable?.['ThrottlingBurstLimit']]).toEqual([key, Number(live['ThrottlingBurstLimit']) / 10]);
    }
  });

  test.each(Object.entries(THROTTLES))(
    'of the kind %s let a tenant have all that is its own, and leave the account some',
    (_, { rate, burst }) => {
      const { RATE_LIMIT_PER_MINUTE } = z
        .object({ Variables: z.object({ RATE_LIMIT_PER_MINUTE: z.coerce.number() }) })
        .parse(prod.fn('api-read').Properties['Environment']).Variables;
      expect(rate).toBeGreaterThan(RATE_LIMIT_PER_MINUTE / 60);
      // 10,000 a second are the account's, unless it asks for more.
      expect(rate).toBeLessThanOrEqual(3000);
      expect(burst).toBeGreaterThanOrEqual(rate);
    },
  );

  it('are narrower for every route of the functions that make tokens and erase at the vendor, except to read', () => {
    const unlimited = ROUTE_IDS.filter((id) => {
      const { fn, throttle, method }: Route = ROUTES[id];
      return (fn === 'api-erase' || (fn === 'api-connect' && method !== 'GET')) && throttle === undefined;
    });
    expect(unlimited).toEqual([]);
  });

  it('are the only limit of concurrency for functions that people call: none takes a share of the account for itself', () => {
    for (const { Properties } of prod.ofType('AWS::Lambda::Function'))
      expect(Properties).not.toHaveProperty('ReservedConcurrentExecutions');
    const bounded = prod.ofType('AWS::Lambda::EventSourceMapping').map(({ Properties }) => {
      const { MaximumConcurrency } = z.object({ MaximumConcurrency: z.number() }).parse(Properties['ScalingConfig']);
      return [target(Properties['FunctionName']), MaximumConcurrency];
    });
    expect(Object.fromEntries(bounded)).toEqual({ [prod.fn('sync-worker').id]: 200, [prod.fn('followups').id]: 50 });
    expect(Object.keys(FUNCTIONS)).toHaveLength(8);
  });
});
