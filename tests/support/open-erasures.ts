import { continueErasure, sweepErasures } from '../../src/core/contact/continue-erasure.ts';
import { eraseContact, type EraseContactDeps } from '../../src/core/contact/erase-contact.ts';
import { sha256 } from '../../src/core/shared/ids.ts';
import { checkSuppressions } from '../../src/core/suppression/check-suppressions.ts';
import { addFact, moveAddress } from '../../src/core/suppression/suppress.ts';
import type { Wrap } from './crashes.ts';
import { aConnection, aFact, anAudience, TENANT } from './factories.ts';
import { fakeErasures } from './fake-erasures.ts';
import { fakeContactIdsOf } from './fake-platform.ts';
import { fakeHasher, fakeSuppressions } from './fake-suppressions.ts';
import { openConnections } from './open-connections.ts';

/** Everything that an erasure touches, in memory, with the consumer of its follow-ups. */
export function openErasures(connection = aConnection(), random?: () => number) {
  const world = openConnections(connection, random);
  world.audiences.records = [anAudience()];
  const suppressions = fakeSuppressions();
  const erasures = fakeErasures();
  const deps: EraseContactDeps = {
    ...world,
    suppressions,
    erasures,
    hasher: fakeHasher,
    contactIdsOf: fakeContactIdsOf,
    openPlatform: () => world.vendor.platform,
    platforms: ['mailchimp'],
  };
  const others = world.onFollowup;
  world.onFollowup = (followup) => (followup.kind === 'erase' ? continueErasure(deps, followup) : others(followup));
  /** The same as seen by a process that may crash. */
  const process = (wrap: Wrap): EraseContactDeps => ({
    ...deps,
    suppressions: wrap(suppressions),
    erasures: wrap(erasures),
    followups: wrap(world.followups),
    openPlatform: () => wrap(world.vendor.platform),
  });
  const connect = async (status: 'connected' | 'disconnected'): Promise<void> => {
    const current = await world.connections.get(TENANT, 'mailchimp');
    if (current) await world.connections.save({ ...current, status });
  };
  return {
    ...world,
    suppressions,
    erasures,
    deps,
    process,
    connect,
    /** All that is kept, as text. */
    held: (): string =>
      JSON.stringify([...suppressions.records.values(), ...erasures.records.values(), ...erasures.marks.values()]),
    join: (...emails: string[]): void => {
      for (const { vendorId } of world.vendor.audiences)
        world.vendor.members.set(vendorId, new Set([...(world.vendor.members.get(vendorId) ?? []), ...emails]));
    },
    atVendor: (): string[] => [...new Set([...world.vendor.members.values()].flatMap((members) => [...members]))].sort(),
    /** For whom the vendor was asked, in which audience. */
    asked: (emails: readonly string[]): [unknown, string][] =>
      world.vendor.calls
        .filter(({ method }) => method === 'eraseContact')
        .map(({ args }) => [args[0], emails.find((email) => sha256(email) === args[1]) ?? 'somebody else']),
    erase: (email: string, aliases?: 'include') => eraseContact(deps, TENANT, email, aliases),
    sweep: () => sweepErasures(deps, TENANT),
  };
}

export const suppressed = async ({ deps }: ReturnType<typeof openErasures>, emails: readonly string[]): Promise<string[]> =>
  (await checkSuppressions(deps, TENANT, emails)).map(({ email }) => email);

/** The addresses of one person, in the order in which they were taken. */
export const CHAIN = ['old@harborlane.test', 'new@harborlane.test', 'newest@harborlane.test'];

/** Somebody who left, and changed the address twice, in the one audience. */
export async function openChain() {
  const world = openErasures();
  const [old = '', next = '', newest = ''] = CHAIN;
  world.join(...CHAIN);
  await addFact(world.deps, TENANT, old, aFact({ vendorReason: 'Mona Kvist moved away' }));
  await moveAddress(world.deps, TENANT, old, next);
  await moveAddress(world.deps, TENANT, next, newest);
  return world;
}
