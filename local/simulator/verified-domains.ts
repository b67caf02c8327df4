import * as z from 'zod';
import { links, noContent, ok, param, type ApiCall, type Answer, type Route } from './api-call.ts';
import { isFreeMail } from './checklist.ts';
import { isoSeconds } from './dates.ts';
import { fraction } from './ids.ts';
import { readBody } from './input.ts';
import { badRequest, invalidResource, notFound } from './problem.ts';
import type { Account } from './records.ts';
import type { Simulation } from './state.ts';

type Domain = Account['domains'][number];
const CODE_LIFETIME = 7 * 24 * 3_600_000;

/** https://mailchimp.com/developer/marketing/api/verified-domains/ */
export const verifiedDomainRoutes: readonly Route[] = [
  { method: 'GET', path: '/verified-domains', handle: index },
  { method: 'POST', path: '/verified-domains', handle: create },
  { method: 'GET', path: '/verified-domains/{domain_name}', handle: (call) => ok(view(call, domainOf(call))) },
  { method: 'DELETE', path: '/verified-domains/{domain_name}', handle: remove },
  { method: 'POST', path: '/verified-domains/{domain_name}/actions/verify', handle: verify },
];

function index(call: ApiCall): Answer {
  const { account } = call;
  const domains = account.domains.map((domain) => view(call, domain));
  return ok({ domains, total_items: domains.length, _links: links(account, '/verified-domains') });
}

function domainOf(call: ApiCall): Domain {
  const name = param(call, 'domain_name').toLowerCase();
  const domain = call.account.domains.find((candidate) => candidate.domain === name);
  if (domain === undefined) throw notFound();
  return domain;
}

function create(call: ApiCall): Answer {
  const { verification_email: email } = readBody(z.object({ verification_email: z.string() }), call.body);
  const name = email.split('@')[1]?.toLowerCase() ?? '';
  if (name === '') throw invalidResource([{ field: 'verification_email', message: 'Please provide a valid email address.' }]);
  if (call.sim.state.settings.refuseFreeMailDomains && isFreeMail(name))
    throw badRequest(`The domain ${name} is a free email provider and cannot be verified.`);
  if (call.account.domains.some((domain) => domain.domain === name))
    throw badRequest(`The domain ${name} has already been added.`);
  return ok(view(call, addDomain(call.sim, call.account, { domain: name, verificationEmail: email })));
}

/** Adds a domain; unless it is verified at once, its code waits to be given. */
export function addDomain(
  sim: Simulation,
  account: Account,
  given: {
    readonly domain: string;
    readonly verificationEmail?: string;
    readonly verified?: boolean;
    readonly authenticated?: boolean;
  },
): Domain {
  const code = Math.floor(fraction(`${sim.state.seed}:${account.id}:${given.domain}`) * 36 ** 6)
    .toString(36)
    .toUpperCase()
    .padStart(6, '0');
  const domain: Domain = {
    domain: given.domain.toLowerCase(),
    verified: given.verified ?? false,
    authenticated: given.authenticated ?? false,
    verificationEmail: given.verificationEmail ?? `postmaster@${given.domain}`,
    verificationSent: sim.now(),
    code,
  };
  account.domains = [...account.domains.filter((known) => known.domain !== domain.domain), domain];
  sim.changed();
  return domain;
}

function verify(call: ApiCall): Answer {
  const domain = domainOf(call);
  const { code } = readBody(z.object({ code: z.string() }), call.body);
  const expired = call.sim.now() - domain.verificationSent > CODE_LIFETIME;
  if (code.trim().toUpperCase() !== domain.code || expired) throw badRequest('The verification code is not valid.');
  domain.verified = true;
  call.sim.changed();
  return ok(view(call, domain));
}

function remove(call: ApiCall): Answer {
  const domain = domainOf(call);
  call.account.domains = call.account.domains.filter((known) => known !== domain);
  call.sim.changed();
  return noContent;
}

function view({ sim, account }: ApiCall, domain: Domain): object {
  const expired = sim.now() - domain.verificationSent > CODE_LIFETIME;
  const status = domain.authenticated
    ? 'AUTHENTICATED'
    : domain.verified
      ? 'VERIFIED'
      : expired
        ? 'EXPIRED'
        : 'VERIFICATION_IN_PROGRESS';
  return {
    domain: domain.domain,
    verified: domain.verified,
    authenticated: domain.authenticated,
    verification_email: domain.verificationEmail,
    verification_sent: isoSeconds(domain.verificationSent),
    status,
    is_free_email_provider: isFreeMail(domain.domain),
    _links: links(account, `/verified-domains/${domain.domain}`),
  };
}
