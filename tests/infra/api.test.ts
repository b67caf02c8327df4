import { describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { FUNCTION_NAMES, WEBHOOK_PATH, WEBHOOKS_PATH } from '../../src/contract/manifest.ts';
import { ROUTE_IDS, ROUTES } from '../../src/contract/routes.ts';
import { only, synthesize, target } from './synthesized.ts';

const { service } = synthesize();
const stage = only(service.ofType('AWS::ApiGatewayV2::Stage'), 'stage').Properties;
const targetSchema = z.object({ 'Fn::Join': z.tuple([z.literal(''), z.tuple([z.literal('integrations/'), z.unknown()])]) });

/** Follows a route through its integration to the name of the function behind it. */
function functionBehind(route: unknown): string | undefined {
  const integration = service.byId(target(targetSchema.parse(route)['Fn::Join'][1][1]));
  const id = target(integration.Properties['IntegrationUri']);
  return FUNCTION_NAMES.find((name) => service.fn(name).id === id);
}

describe('HTTP API', () => {
  it('routes every entry of the contract to its function, and the rest to api-read', () => {
    const deployed = service
      .ofType('AWS::ApiGatewayV2::Route')
      .map(({ Properties }) => [Properties['RouteKey'], functionBehind(Properties['Target'])]);
    const expected = ROUTE_IDS.map((id) => [`${ROUTES[id].method} ${ROUTES[id].path}`, ROUTES[id].fn]);
    expect(deployed.toSorted()).toEqual([...expected, ['$default', 'api-read']].toSorted());
  });

  it('has one integration for each function, in payload format 2.0', () => {
    const integrations = service.ofType('AWS::ApiGatewayV2::Integration');
    expect(integrations).toHaveLength(new Set(ROUTE_IDS.map((id) => ROUTES[id].fn)).size);
    for (const { Properties } of integrations) {
      expect(Properties).toMatchObject({ IntegrationType: 'AWS_PROXY', PayloadFormatVersion: '2.0' });
    }
  });

  it('deploys by itself to the root of the endpoint', () => {
    expect(stage).toMatchObject({ StageName: '$default', AutoDeploy: true });
  });

  it('logs the route and the outcome, never a path, a query, a header or a caller', () => {
    const { DestinationArn, Format } = z
      .object({ DestinationArn: z.unknown(), Format: z.string() })
      .parse(stage['AccessLogSettings']);
    expect(service.byId(target(DestinationArn)).Properties['RetentionInDays']).toBe(14);
    const logged = z.record(z.string(), z.string()).parse(JSON.parse(Format));
    expect(Object.values(logged).toSorted()).toEqual([
      '$context.error.responseType',
      '$context.integrationLatency',
      '$context.integrationStatus',
      '$context.requestId',
      '$context.requestTimeEpoch',
      '$context.responseLatency',
      '$context.responseLength',
      '$context.routeKey',
      '$context.status',
    ]);
  });

  it('throttles, and gives the webhook a throttle and metrics of its own', () => {
    expect(stage['DefaultRouteSettings']).toEqual({ ThrottlingRateLimit: 1000, ThrottlingBurstLimit: 1000 });
    const settings = { DetailedMetricsEnabled: true, ThrottlingRateLimit: 3000, ThrottlingBurstLimit: 3000 };
    expect(stage['RouteSettings']).toEqual({ [`ANY ${WEBHOOK_PATH}`]: settings, [`ANY ${WEBHOOKS_PATH}/{proxy+}`]: settings });
  });

  it('tells the operator its address and the redirect URI to register', () => {
    const { service: own } = synthesize({ publicBaseUrl: 'https://mail.example.test' });
    expect(own.outputs['ApiUrl']?.Value).toBe('https://mail.example.test');
    expect(own.outputs['MailchimpRedirectUri']?.Value).toBe('https://mail.example.test/v1/integrations/mailchimp/callback');
  });
});
