import { domainToASCII } from 'node:url';
import type { Tenant } from '../tenant/tenant.ts';
import type { Settings } from './settings.ts';

export type SenderRule = 'setting' | 'owner' | 'domain' | 'slug';
export interface Sender {
  email: string;
  rule: SenderRule;
}

/** The sender address and the rule that gave it: the setting, the owner's, `hello@{domain}`, `newsletter@{slug}.com`. */
export function resolveSender(tenant: Tenant, settings: Settings): Sender {
  if (settings.senderEmail) return { email: settings.senderEmail, rule: 'setting' };
  if (tenant.ownerEmail) return { email: tenant.ownerEmail, rule: 'owner' };
  if (tenant.domain) return { email: `hello@${tenant.domain}`, rule: 'domain' };
  return { email: `newsletter@${tenant.slug}.com`, rule: 'slug' };
}

/** What is behind the last at sign, or the whole text: in ASCII and lower case, the form in which domains are compared. */
export function domainOf(email: string): string {
  const domain = email
    .slice(email.lastIndexOf('@') + 1)
    .trim()
    .toLowerCase();
  return domainToASCII(domain) || domain;
}
