import { describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import type { OwnDomain } from '../../lib/deployment.ts';
import { only, synthesize, target } from './synthesized.ts';

const CERTIFICATE = 'arn:aws:acm:eu-central-1:111122223333:certificate/8c1b';
const aDomain = (overrides: Partial<OwnDomain> = {}): OwnDomain => ({
  name: 'api.example.test',
  certificateArn: CERTIFICATE,
  hostedZone: undefined,
  keepsDefaultEndpoint: true,
  ...overrides,
});
const withDomain = (overrides: Partial<OwnDomain> = {}) => synthesize({ domain: aDomain(overrides) }).service;
const apiOf = (service: ReturnType<typeof withDomain>) => only(service.ofType('AWS::ApiGatewayV2::Api'), 'API');

describe('a domain of one’s own', () => {
  const service = withDomain();

  it('takes TLS 1.2 at least, in the region of the API', () => {
    expect(only(service.ofType('AWS::ApiGatewayV2::DomainName'), 'domain').Properties).toMatchObject({
      DomainName: 'api.example.test',
      DomainNameConfigurations: [{ CertificateArn: CERTIFICATE, EndpointType: 'REGIONAL', SecurityPolicy: 'TLS_1_2' }],
    });
  });

  it('leads to the API as a whole', () => {
    const { Properties, DependsOn } = only(service.ofType('AWS::ApiGatewayV2::ApiMapping'), 'mapping');
    expect(Properties).not.toHaveProperty('ApiMappingKey');
    expect(target(Properties['ApiId'])).toBe(apiOf(service).id);
    expect(Properties['Stage']).toBe('$default');
    expect(DependsOn).toEqual([only(service.ofType('AWS::ApiGatewayV2::Stage'), 'stage').id]);
    expect(service.byId(target(Properties['DomainName'])).Type).toBe('AWS::ApiGatewayV2::DomainName');
  });

  it('is where webhooks, the redirect of the consent and the settings page are', () => {
    expect(service.outputs['ApiUrl']?.Value).toBe('https://api.example.test');
    expect(service.outputs['MailchimpRedirectUri']?.Value).toBe('https://api.example.test/v1/integrations/mailchimp/callback');
    expect(service.fn('sync-worker').Properties['Environment']).toMatchObject({
      Variables: { PUBLIC_BASE_URL: 'https://api.example.test' },
    });
    expect(service.fn('api-connect').Properties['Environment']).toMatchObject({
      Variables: { RETURN_URLS: 'https://api.example.test/settings/integrations' },
    });
  });

  it('yields to a public address, for whoever puts something in front', () => {
    const { service: fronted } = synthesize({ domain: aDomain(), publicBaseUrl: 'https://www.example.test/mail' });
    expect(fronted.outputs['ApiUrl']?.Value).toBe('https://www.example.test/mail');
  });

  it('tells what to put into the DNS, and makes no record where it knows no zone', () => {
    const output = service.outputs['DomainTarget'];
    expect(output?.Description).toMatch(/api\.example\.test CNAME/);
    expect(
      z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('RegionalDomainName')]) }).safeParse(output?.Value).success,
    ).toBe(true);
    expect(service.ofType('AWS::Route53::RecordSet')).toEqual([]);
  });

  it('has its record made in a zone that is named', () => {
    const zoned = withDomain({ hostedZone: { id: 'Z0123456789', name: 'example.test' } });
    const name = only(zoned.ofType('AWS::ApiGatewayV2::DomainName'), 'domain').id;
    expect(only(zoned.ofType('AWS::Route53::RecordSet'), 'record').Properties).toEqual({
      Name: 'api.example.test.',
      Type: 'A',
      HostedZoneId: 'Z0123456789',
      AliasTarget: {
        DNSName: { 'Fn::GetAtt': [name, 'RegionalDomainName'] },
        HostedZoneId: { 'Fn::GetAtt': [name, 'RegionalHostedZoneId'] },
      },
    });
  });

  it('leaves the address of AWS open, where webhooks may be registered, until somebody closes it', () => {
    expect(apiOf(service).Properties['DisableExecuteApiEndpoint']).toBe(false);
    expect(apiOf(withDomain({ keepsDefaultEndpoint: false })).Properties['DisableExecuteApiEndpoint']).toBe(true);
  });
});

describe('without a domain', () => {
  it('there is none, and the address of AWS cannot be closed', () => {
    const { service } = synthesize();
    expect(service.ofType('AWS::ApiGatewayV2::DomainName')).toEqual([]);
    expect(service.outputs).not.toHaveProperty('DomainTarget');
    expect(apiOf(service).Properties).not.toHaveProperty('DisableExecuteApiEndpoint');
  });
});
