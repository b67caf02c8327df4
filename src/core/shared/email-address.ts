import { domainToASCII, domainToUnicode } from 'node:url';
import * as z from 'zod';

/**
 * One spelling per mailbox: outer white space gone, lower case without a locale, NFC, the domain in its ASCII
 * form. A plus part stays, since Mailchimp treats `a+b@x` as another member than `a@x`
 * (https://mailchimp.com/developer/marketing/docs/methods-parameters/).
 */
export function normalizeEmail(address: string): string {
  const lower = address.trim().normalize('NFC').toLowerCase();
  const at = lower.lastIndexOf('@');
  if (at < 1) return lower;
  const domain = lower.slice(at + 1);
  return `${lower.slice(0, at)}@${domainToASCII(domain) || domain}`;
}

/** Every spelling under which a vendor may hold one mailbox: as it was given, and with its domain in either form. */
export function spellingsOf(address: string): string[] {
  const normalized = normalizeEmail(address);
  const at = normalized.lastIndexOf('@');
  const unicode =
    at < 1 ? normalized : `${normalized.slice(0, at)}@${domainToUnicode(normalized.slice(at + 1)) || normalized.slice(at + 1)}`;
  return [...new Set([address.trim().toLowerCase(), normalized, unicode])];
}

/** An address as a caller may give it: at most 320 characters, one `@`, a dotted domain. Kept as given. */
export const emailSchema = z
  .string()
  .trim()
  .max(320, 'must be at most 320 characters')
  .regex(/^[^\s@<>"]+@[^\s@<>"]+\.[^\s@<>".]+$/u, 'must be an e-mail address');
