import ipaddr from 'ipaddr.js';

/**
 * What is known of a host name: `absent` is one that does not exist, `addressless` one that exists but has no address (it
 * may take mail), `unknown` one of which nobody could tell.
 */
export type HostStanding = 'public' | 'private' | 'absent' | 'addressless' | 'unknown';
/** Asks the DNS. Never throws, and answers within about a second. */
export type ResolveHost = (host: string) => Promise<HostStanding>;

/**
 * Names that never lead to a host of the internet: RFC 6761, 2606, 6762 (local), 7686 (onion), 8375 (home.arpa), 9476
 * (alt), and the name that ICANN keeps free for private use (internal).
 */
const SPECIAL_USE = ['localhost', 'local', 'internal', 'invalid', 'example', 'test', 'onion', 'alt', 'home.arpa'];

/** Whether an IP address, in any spelling, is one of the internet. */
export function isPublicAddress(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.process(address).range() === 'unicast';
}

/**
 * What a host says by itself, without asking anybody.
 * @param host as `URL.hostname` gives it: lower case, ASCII, IPv6 in brackets
 * @returns why it is no host of the internet, or `null` when only the DNS can tell
 */
export function privateBecause(host: string): string | null {
  const name = host.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  if (ipaddr.isValid(name)) return isPublicAddress(name) ? null : `${name} is an address of a private or reserved network`;
  if (name === 'localhost') return 'localhost is the reader’s own machine';
  if (!name.includes('.')) return `${name} is not a full host name`;
  const special = SPECIAL_USE.find((ending) => name === ending || name.endsWith(`.${ending}`));
  return special === undefined ? null : `names that end in .${special} do not exist on the internet`;
}

/** Whether a host is an IP address: then there is nothing to ask the DNS. */
export const isIpAddress = (host: string): boolean => ipaddr.isValid(host.replace(/^\[|\]$/g, ''));
