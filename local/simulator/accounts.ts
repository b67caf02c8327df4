import { newHexId, newNumber } from './ids.ts';
import type { Account } from './records.ts';
import type { Simulation } from './state.ts';
import { addDomain } from './verified-domains.ts';

/** What can be said about a new account; everything has a default but the name. */
export interface NewAccount {
  readonly name: string;
  readonly email?: string | undefined;
  readonly firstName?: string | undefined;
  readonly lastName?: string | undefined;
  readonly role?: string | undefined;
  readonly dc?: string | undefined;
  readonly apiEndpoint?: string | undefined;
  /** Two accounts with the same login share its ten connections. */
  readonly loginId?: number | undefined;
  readonly proEnabled?: boolean | undefined;
  readonly pricingPlanType?: string | undefined;
  readonly verifiedDomains?: readonly string[] | undefined;
}

/** Opens an account. Its domain, that of the owner's address, is verified unless domains are given. */
export function addAccount(sim: Simulation, input: NewAccount): Account {
  const slug = input.name.toLowerCase().replace(/[^a-z0-9]+/g, '');
  const email = input.email ?? `owner@${slug || 'account'}.test`;
  const dc = input.dc ?? 'us7';
  const account: Account = {
    id: newHexId(sim.state, 'account', 25),
    loginId: input.loginId ?? newNumber(sim.state),
    userId: newNumber(sim.state),
    name: input.name,
    email,
    firstName: input.firstName ?? 'Robin',
    lastName: input.lastName ?? 'Owner',
    role: input.role ?? 'owner',
    dc,
    apiEndpoint: input.apiEndpoint ?? `https://${dc}.api.mailchimp.com`,
    disabled: false,
    proEnabled: input.proEnabled ?? false,
    pricingPlanType: input.pricingPlanType ?? 'monthly',
    memberSince: sim.now() - 900 * 24 * 3_600_000,
    domains: [],
  };
  sim.state.accounts.push(account);
  for (const domain of input.verifiedDomains ?? [email.split('@')[1] ?? `${slug}.test`]) {
    addDomain(sim, account, { domain, verified: true, authenticated: true });
  }
  sim.changed();
  return account;
}
