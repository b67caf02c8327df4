import { Resolver } from 'node:dns/promises';
import { isPublicAddress, type ResolveHost } from '../core/shared/public-host.ts';

/** "There is no such name". */
const NO_NAME = 'ENOTFOUND';
/** "The name exists, but has no address of this kind". */
const NO_ADDRESS = 'ENODATA';

const WITHIN_MS = 1_000;

interface Lookup {
  resolve4(host: string): Promise<string[]>;
  resolve6(host: string): Promise<string[]>;
}

/**
 * Asks the DNS once for the IPv4 and IPv6 addresses of a host, for a second at the most. A machine that cannot ask
 * answers `unknown`, never `absent`.
 */
export const makeResolveHost =
  (resolver: Lookup = new Resolver({ timeout: WITHIN_MS, tries: 1 })): ResolveHost =>
  async (host) => {
    const answers = await Promise.allSettled([inTime(resolver.resolve4(host)), inTime(resolver.resolve6(host))]);
    const addresses = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    if (addresses.length > 0) return addresses.some(isPublicAddress) ? 'public' : 'private';
    const codes = answers.map((answer) => (answer.status === 'rejected' ? codeOf(answer.reason) : ''));
    if (codes.every((code) => code === NO_NAME)) return 'absent';
    // Any other error says nothing about the name.
    return codes.every((code) => code === NO_NAME || code === NO_ADDRESS) ? 'addressless' : 'unknown';
  };

/** The resolver's own time-out counts for each of its name servers. */
function inTime(addresses: Promise<string[]>): Promise<string[]> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('The DNS did not answer in time.')), WITHIN_MS);
  });
  return Promise.race([addresses, silence]).finally(() => clearTimeout(timer));
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
