import { describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { FUNCTION_NAMES, FUNCTIONS, MAILCHIMP_LOGIN_URL, TABLE } from '../../src/contract/manifest.ts';
import { TEMPLATE_CHANGES } from '../deploy/fit-templates.ts';
import { MENDS } from '../deploy/mend-deployment.ts';
import { only, synthesize } from './synthesized.ts';

const { stateful, service } = synthesize({
  stage: 'prod',
  publicBaseUrl: 'https://mail.example.test',
  consoleOrigins: ['https://console.example.test'],
});
const table = only(stateful.ofType('AWS::DynamoDB::GlobalTable'), 'table').Properties;
const [replica] = z.tuple([z.looseObject({})]).parse(table['Replicas']);
const variablesSchema = z.object({ Variables: z.record(z.string(), z.unknown()) });

type Gap = (typeof MENDS)[number]['property'] | (typeof TEMPLATE_CHANGES)[number]['what'];

/** What the deployment on the emulator cannot prove, asserted where it is written. A new gap does not compile without its line. */
const ON_THE_TEMPLATE: Record<Gap, () => void> = {
  'AWS::DynamoDB::GlobalTable TimeToLiveSpecification': () =>
    expect(table['TimeToLiveSpecification']).toEqual({ AttributeName: TABLE.ttlAttribute, Enabled: true }),
  'AWS::DynamoDB::GlobalTable Replicas[].DeletionProtectionEnabled': () =>
    expect(replica['DeletionProtectionEnabled']).toBe(true),
  'AWS::DynamoDB::GlobalTable Replicas[].PointInTimeRecoverySpecification': () =>
    expect(replica['PointInTimeRecoverySpecification']).toEqual({ PointInTimeRecoveryEnabled: true }),
  'AWS::ApiGatewayV2::Api CorsConfiguration': () =>
    expect(only(service.ofType('AWS::ApiGatewayV2::Api'), 'API').Properties['CorsConfiguration']).toMatchObject({
      AllowOrigins: ['https://console.example.test'],
    }),
  'the variables of the functions that name other hosts': () => {
    for (const name of FUNCTION_NAMES) {
      const { Variables } = variablesSchema.parse(service.fn(name).Properties['Environment']);
      const known: readonly string[] = FUNCTIONS[name].env;
      expect(Variables).not.toHaveProperty('MAILCHIMP_API_HOST_OVERRIDE');
      expect([name, Variables['MAILCHIMP_LOGIN_URL']]).toEqual([
        name,
        known.includes('MAILCHIMP_LOGIN_URL') ? MAILCHIMP_LOGIN_URL : undefined,
      ]);
      expect([name, Variables['PUBLIC_BASE_URL']]).toEqual([
        name,
        known.includes('PUBLIC_BASE_URL') ? 'https://mail.example.test' : undefined,
      ]);
    }
  },
  'alarms over a computed metric, which watch a metric that nobody writes instead': () => {
    const computed = service.ofType('AWS::CloudWatch::Alarm').filter(({ Properties }) => 'Metrics' in Properties);
    const throttles = computed.filter(({ id }) => id.startsWith('MonitoringThrottles'));
    expect(JSON.stringify(only(throttles, 'alarm').Properties['Metrics']).match(/"MetricName":"Throttles"/g)).toHaveLength(
      FUNCTION_NAMES.length,
    );
    const webhook = computed.filter(({ id }) => id.startsWith('MonitoringWebhookServerErrors'));
    expect(JSON.stringify(only(webhook, 'alarm').Properties['Metrics'])).toContain('SELECT SUM(');
  },
};

describe('what the deployment on the emulator does not prove is in the template', () => {
  it.each(Object.entries(ON_THE_TEMPLATE))('%s', (_gap, isThere) => {
    isThere();
  });

  it('for every gap that is mended or fitted', () => {
    const gaps = [...MENDS.map(({ property }) => property), ...TEMPLATE_CHANGES.map(({ what }) => what)];
    expect(Object.keys(ON_THE_TEMPLATE).toSorted()).toEqual(gaps.toSorted());
  });
});
