import { CfnOutput } from 'aws-cdk-lib';
import { ApiMapping, DomainName, EndpointType, SecurityPolicy, type HttpApi, type HttpStage } from 'aws-cdk-lib/aws-apigatewayv2';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { ARecord, HostedZone, RecordTarget } from 'aws-cdk-lib/aws-route53';
import { ApiGatewayv2DomainProperties } from 'aws-cdk-lib/aws-route53-targets';
import { Construct } from 'constructs';
import type { OwnDomain } from '../deployment.ts';

export interface ApiDomainProps {
  api: HttpApi;
  stage: HttpStage;
  domain: OwnDomain;
}

/** A host name of one's own in front of the API, with its record where the zone is known. */
export class ApiDomain extends Construct {
  constructor(scope: Construct, id: string, { api, stage, domain }: ApiDomainProps) {
    super(scope, id);
    const domainName = new DomainName(this, 'Name', {
      domainName: domain.name,
      certificate: Certificate.fromCertificateArn(this, 'Certificate', domain.certificateArn),
      // Regional: webhooks come from Mailchimp's own data centres, and an edge in between would only add a hop.
      endpointType: EndpointType.REGIONAL,
      securityPolicy: SecurityPolicy.TLS_1_2,
    });
    new ApiMapping(this, 'Mapping', { api, stage, domainName });
    if (domain.hostedZone !== undefined) {
      const { id: hostedZoneId, name: zoneName } = domain.hostedZone;
      new ARecord(this, 'Record', {
        zone: HostedZone.fromHostedZoneAttributes(this, 'Zone', { hostedZoneId, zoneName }),
        recordName: `${domain.name}.`,
        target: RecordTarget.fromAlias(
          new ApiGatewayv2DomainProperties(domainName.regionalDomainName, domainName.regionalHostedZoneId),
        ),
      });
    }
    const output = new CfnOutput(this, 'Target', {
      value: domainName.regionalDomainName,
      description:
        domain.hostedZone === undefined
          ? `Put into your DNS: ${domain.name} CNAME <this>. Until then nothing reaches the service there.`
          : `Where the record of ${domain.name} points.`,
    });
    output.overrideLogicalId('DomainTarget');
  }
}
