import type { Deployment, OwnDomain } from '../lib/deployment.ts';
import { both, formOf, oneOf, type ReadKey } from './context-values.ts';

const HOST_NAME = /^(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/;
const CERTIFICATE_ARN = /^arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate\/[\w-]+$/;
const ZONE_ID = /^Z[A-Z0-9]{1,31}$/;
const ABOUT_A_DOMAIN = ['certificateArn', 'hostedZoneId', 'hostedZoneName', 'disableDefaultEndpoint'] as const;

/** The domain that the context describes, if any. @throws when it is described by half, or cannot work */
export function readDomain(own: ReadKey, target: Deployment['target']): OwnDomain | undefined {
  const name = formOf('domainName', own('domainName'), HOST_NAME, 'a host name such as api.example.com');
  if (name === undefined) {
    const stray = ABOUT_A_DOMAIN.find((key) => own(key) !== undefined);
    if (stray !== undefined) throw new Error(`Context ${stray} is about a domain of your own: give domainName too.`);
    return undefined;
  }
  const certificateArn = formOf('certificateArn', own('certificateArn'), CERTIFICATE_ARN, 'the ARN of a certificate in ACM');
  if (certificateArn === undefined)
    throw new Error('Context domainName needs certificateArn: a certificate for that name, in ACM.');
  const region = certificateArn.split(':')[3] ?? '';
  if (target !== undefined && region !== target.region)
    throw new Error(`Context certificateArn is of ${region}, and API Gateway needs a certificate of ${target.region}.`);
  const zone = both(own, 'hostedZoneId', 'hostedZoneName');
  return {
    name,
    certificateArn,
    hostedZone: zone && readZone(name, zone),
    keepsDefaultEndpoint: oneOf('disableDefaultEndpoint', own('disableDefaultEndpoint'), ['off', 'on']) === 'off',
  };
}

function readZone(domain: string, [id, given]: [string, string]): OwnDomain['hostedZone'] {
  formOf('hostedZoneId', id, ZONE_ID, 'the id of a hosted zone of Route 53');
  const name = given.replace(/\.$/, '');
  if (domain !== name && !domain.endsWith(`.${name}`))
    throw new Error(`Context hostedZoneName is ${name}, which ${domain} is not part of.`);
  return { id, name };
}
