import * as z from 'zod';
import { DAY } from '../../src/core/shared/clock.ts';
import { deploymentMark } from '../../src/core/shared/ids.ts';
import type { Ask, HostView } from './ask.ts';
import { bad, notChecked, ok, warn, type Check, type Finding } from './check.ts';

const health = z.object({ status: z.literal('ok'), deployment: z.string().optional() });
/** AWS renews its certificates sixty days before they end. */
const RENEWED_BEFORE_DAYS = 45;

async function checkCertificate(hosts: HostView, { hostname, port }: URL, now: number): Promise<Finding> {
  try {
    const days = Math.floor(((await hosts.certificateEnd(hostname, Number(port) || 443)) - now) / DAY);
    if (days < 0) return bad('Its certificate has ended.', 'Renew it: ACM, the certificate of this name, "domain validation".');
    if (days < RENEWED_BEFORE_DAYS)
      return warn(
        `Its certificate ends in ${days} days.`,
        'ACM should have renewed it: is its DNS validation record still there?',
      );
    return ok(`Its certificate is trusted, for ${days} days more.`);
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'no connection';
    return bad(
      `Its certificate is not trusted: ${why}.`,
      'The certificate has to name this host and belong to the region of the API (certificateArn).',
    );
  }
}

async function checkHealth(ask: Ask, publicBaseUrl: string, deploymentId: string): Promise<Finding[]> {
  const answer = await ask(`${publicBaseUrl}/v1/health`).catch(() => undefined);
  if (!answer)
    return [
      bad(
        'Nobody answers there.',
        'Does the name lead to the API? Is a firewall between? Try the output ApiUrl, and the endpoint of the API itself.',
      ),
    ];
  const read = health.safeParse(answer.json);
  if (answer.status !== 200 || !read.success)
    return [
      bad(
        `GET /v1/health answers ${answer.status}, and not as this service does.`,
        '5xx: see "The API answers 5xx" in docs/runbook.md. 403 or 404: the name leads to something else.',
      ),
    ];
  if (read.data.deployment !== deploymentMark(deploymentId))
    return [
      bad(
        'The service there is another deployment.',
        'Whose is the name? Webhooks and consents go where it leads: point it to this deployment, or change publicBaseUrl.',
      ),
    ];
  const hsts = answer.headers.get('strict-transport-security');
  return [
    ok('GET /v1/health answers, and it is this deployment.'),
    hsts === null && publicBaseUrl.startsWith('https:')
      ? warn('It sends no Strict-Transport-Security.', "Only browsers mind; the console's host should send it.")
      : ok('Browsers are kept on HTTPS, or there is none.'),
  ];
}

async function checkPlainHttp(ask: Ask, host: string): Promise<Finding> {
  const answer = await ask(`http://${host}/v1/health`).catch(() => undefined);
  if (!answer || answer.status >= 300) return ok('Nothing is served without TLS.');
  return bad(
    'It is served without TLS as well.',
    'Take the listener on port 80 away, or let it redirect: tokens would travel in the clear.',
  );
}

/** Whether the public address leads to this deployment, for everybody. */
export const checkDomain = (
  ask: Ask,
  hosts: HostView,
  { publicBaseUrl, deploymentId, now }: { publicBaseUrl: string; deploymentId: string; now: () => number },
): Check => ({
  name: 'public address',
  rights: [],
  async look() {
    const url = new URL(publicBaseUrl);
    const addresses = await hosts.addresses(url.hostname).catch(() => []);
    if (addresses.length === 0)
      return bad(
        `${url.hostname} has no address.`,
        'Make the DNS record: hostedZoneId and domainName, or an alias by hand (docs/operations.md).',
      );
    const findings: Finding[] = [ok(`${publicBaseUrl} has an address.`)];
    if (url.protocol === 'https:')
      findings.push(await checkCertificate(hosts, url, now()), await checkPlainHttp(ask, url.hostname));
    else findings.push(notChecked('TLS: the address has none.'));
    return [...findings, ...(await checkHealth(ask, publicBaseUrl, deploymentId))];
  },
});
