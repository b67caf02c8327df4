let known: Promise<ReadonlySet<string>> | undefined;

/**
 * The domains where anybody can have an address, in ASCII and lower case. Loaded by the first who asks (138 KB, some
 * milliseconds once per process): no other request pays for it. https://www.npmjs.com/package/email-providers
 */
export const freeMailDomains = (): Promise<ReadonlySet<string>> =>
  (known ??= import('email-providers/all.json', { with: { type: 'json' } }).then(
    ({ default: all }) => new Set([...all, ...MORE]),
  ));

/** Large ones that the list lacks. */
const MORE = ['fastmail.com', 'gmx.ch', 'posteo.de', 'tutanota.com', 'tuta.com', 'tuta.io'];
