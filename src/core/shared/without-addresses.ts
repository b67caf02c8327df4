/** Quoted or not, no longer than an address may be: a text without one costs a single pass. */
const LOCAL = /"[^"\n]{1,320}"|[^\s@＠﹫<>"(),;:]{1,320}/u;
/** Also in full width, and as it stands in a link. */
const AT = /[@＠﹫]|%40/iu;
const DOMAIN = /[^\s<>"'(),;:]+/u;
const ADDRESS = new RegExp(`(?:${LOCAL.source})(?:${AT.source})${DOMAIN.source}`, 'giu');

/** A free text without the addresses that somebody wrote into it: it may outlive the erasure of whom they name. */
export const withoutAddresses = (text: string): string => text.replace(ADDRESS, '[address]');
