import { domainToASCII, domainToUnicode } from 'node:url';
import * as z from 'zod';

/** Up to the last character that is neither white space nor an invisible mark. Greedy, so that long texts cost one pass. */
const BARE = /^[\s\p{Cf}]*(.*[^\s\p{Cf}])?/su;

/** Without white space and invisible marks (zero width, direction, byte order) around it: they come along with a copy. */
export const bareAddress = (text: string): string => BARE.exec(text)?.[1] ?? '';

/**
 * Lower case without a locale comes first: composing first would leave apart what upper case had taken apart. A final
 * sigma is a sigma, whose upper case does not tell where it stood.
 */
const folded = (text: string): string => text.toLowerCase().normalize('NFC').replaceAll('ς', 'σ');

/** The dots that end a domain, with whatever cannot be seen among them. */
const DOMAIN = /^(.*[^\s\p{Cf}.。．｡])?/su;
/** At these the translation would stop, decode or leave something out; nothing that has one is a domain. */
const NO_DOMAIN = /[\s/?#:\\%[\]@]/u;

/**
 * Its ASCII form; a dot at the end names the same domain. Letter by letter, since a final sigma makes another domain, and
 * since the translation does not know every capital letter.
 */
function normalizedDomain(given: string): string {
  const domain = (DOMAIN.exec(given)?.[1] ?? '').replace(/\P{ASCII}/gu, (letter) => letter.toLowerCase()).normalize('NFC');
  // More is translated to a dot than was taken away above.
  return ((NO_DOMAIN.test(domain) ? '' : domainToASCII(domain)) || folded(domain)).replace(/\.+$/, '');
}

/**
 * One spelling per mailbox: nothing invisible around it, lower case without a locale, NFC, the domain in its ASCII form
 * without a dot at the end. Its own result stays as it is. A plus part stays, since Mailchimp treats `a+b@x` as another
 * member than `a@x` (https://mailchimp.com/developer/marketing/docs/methods-parameters/).
 */
export function normalizeEmail(address: string): string {
  const bare = bareAddress(address);
  const at = bare.lastIndexOf('@');
  return at < 1 ? folded(bare) : `${folded(bare.slice(0, at))}@${normalizedDomain(bare.slice(at + 1))}`;
}

/** Every spelling under which a vendor may hold one mailbox: as it was given, and with its domain in either form. */
export function spellingsOf(address: string): string[] {
  const normalized = normalizeEmail(address);
  const at = normalized.lastIndexOf('@');
  const unicode =
    at < 1 ? normalized : `${normalized.slice(0, at)}@${domainToUnicode(normalized.slice(at + 1)) || normalized.slice(at + 1)}`;
  return [...new Set([address.trim().toLowerCase(), bareAddress(address).toLowerCase(), normalized, unicode])];
}

export const MAX_ADDRESS_LENGTH = 320;

/**
 * An address as a caller may give it: at most 320 characters, one `@`, a dotted domain. Kept as given, but for what is
 * invisible around it and a dot at its end. The first thing that is wrong with it is told, and nothing else.
 */
export const emailSchema = z
  .string()
  .overwrite((text) => bareAddress(text).replace(/\.$/, ''))
  .max(MAX_ADDRESS_LENGTH, { message: 'must be at most 320 characters', abort: true })
  .regex(/^[^\uFFFD]*$/u, { message: 'holds a character that could not be read: write it in UTF-8', abort: true })
  .regex(/^\P{C}*$/u, { message: 'must not hold characters that cannot be seen', abort: true })
  .regex(/^[^:]*$/u, { message: 'must be the address alone, without mailto: or another colon', abort: true })
  .regex(/^[^\s@<>"\\]+@[^\s@<>"\\/?#%[\]]+\.[^\s@<>".\\/?#%[\]]+$/u, 'must be an e-mail address');
