import { describe, expect, it } from '@jest/globals';
import { ownerOf, type Connection } from '../../../../src/core/connection/connection.ts';
import { tidyToken, type TidyTokenDeps } from '../../../../src/core/connection/tidy-token.ts';
import { usePlatform } from '../../../../src/core/connection/use-platform.ts';
import { AppError } from '../../../../src/core/shared/app-error.ts';
import { planCrash, type Wrap } from '../../../support/crashes.ts';
import { aConnection, TENANT } from '../../../support/factories.ts';
import { openConnections, type ConnectionWorld } from '../../../support/open-connections.ts';

const platform = 'mailchimp' as const;
const OLD = aConnection();
const REF = OLD.tokenRef ?? '';
const depsOf = (world: ConnectionWorld, wrap: Wrap = (port) => port): TidyTokenDeps => ({
  connections: wrap(world.connections),
  tokens: wrap(world.tokens),
});
const stored = (world: ConnectionWorld): Connection | undefined => world.connections.records.get(`${TENANT}/${platform}`);

/** A deployment that keeps new tokens otherwise than the one it has. */
function changing(): ConnectionWorld {
  const world = openConnections(OLD);
  world.tokens.preferred = 'envelope:';
  return world;
}

describe('a token that is kept in a former way', () => {
  const use = (world: ConnectionWorld) =>
    usePlatform({ ...world, openPlatform: () => world.vendor.platform }, TENANT, platform, 'interactive', (vendor) =>
      vendor.verify(),
    );

  it('is changed over after its next read, without a pause in its use', async () => {
    const world = changing();
    await use(world);
    expect(stored(world)?.tokenRef).toBe(REF);
    await world.followups.drain();
    const moved = stored(world)?.tokenRef ?? '';
    expect(moved).toMatch(/^envelope:/);
    expect([...world.tokens.held]).toEqual([[moved, 'token-1']]);
    await use(world);
    expect(world.followups.pending).toEqual([]);
  });

  it('is left alone where it is kept as new ones are', async () => {
    const world = openConnections(OLD);
    await use(world);
    expect(world.followups.pending).toEqual([]);
    await tidyToken(depsOf(world), ownerOf(OLD));
    expect(stored(world)).toEqual(OLD);
    expect([...world.tokens.held.keys()]).toEqual([REF]);
  });

  it('moves under the hands of whoever has just read the connection, and is found', async () => {
    const world = changing();
    const read = world.tokens.read.bind(world.tokens);
    let first = true;
    world.tokens.read = async (owner, ref) => {
      // Between the read of the connection and that of the token.
      if (first) {
        first = false;
        await tidyToken(depsOf(world), owner);
      }
      return read(owner, ref);
    };
    await use(world);
    expect(stored(world)).toMatchObject({ status: 'connected', lastError: null });
  });

  it('that is refused after it moved says nothing of the connection', async () => {
    const world = changing();
    const refused = usePlatform({ ...world, openPlatform: () => world.vendor.platform }, TENANT, platform, 'sync', async () => {
      await tidyToken(depsOf(world), ownerOf(OLD));
      throw new AppError('invalid_token', 'Dead.');
    });
    await expect(refused).rejects.toMatchObject({ code: 'invalid_token' });
    expect(stored(world)).toMatchObject({ status: 'connected' });
  });

  it('can be read at any moment, whatever crashes, and is kept once in the end', async () => {
    const rehearsal = planCrash({ at: 0, when: 'before' });
    await tidyToken(depsOf(changing(), rehearsal.startProcess()), ownerOf(OLD));
    expect(rehearsal.calls.made).toBeGreaterThan(5);
    for (let at = 1; at <= rehearsal.calls.made; at++) {
      for (const when of ['before', 'after'] as const) {
        const world = changing();
        const crashes = planCrash({ at, when });
        await expect(tidyToken(depsOf(world, crashes.startProcess()), ownerOf(OLD))).rejects.toThrow();
        expect(await world.tokens.read(ownerOf(OLD), stored(world)?.tokenRef ?? '')).toBe('token-1');
        await tidyToken(depsOf(world), ownerOf(OLD));
        expect([...world.tokens.held.keys()]).toEqual([stored(world)?.tokenRef]);
      }
    }
  });

  it('is kept once when two tidy it at the same moment', async () => {
    const world = changing();
    await Promise.all([1, 2, 3].map(() => tidyToken(depsOf(world), ownerOf(OLD))));
    await tidyToken(depsOf(world), ownerOf(OLD));
    expect([...world.tokens.held]).toEqual([[stored(world)?.tokenRef, 'token-1']]);
  });

  it('that is gone stays a matter of whoever needs it', async () => {
    const world = changing();
    world.tokens.held.clear();
    await tidyToken(depsOf(world), ownerOf(OLD));
    expect(stored(world)).toEqual(OLD);
  });
});

describe('a token whose connection is not in force', () => {
  it.each([
    [
      'was replaced',
      aConnection({ connectionId: 'con_second', tokenRef: null }),
      aConnection({ connectionId: 'con_second', tokenRef: null }),
    ],
    [
      'was disconnected and crashed',
      aConnection({ status: 'disconnected' }),
      aConnection({ status: 'disconnected', tokenRef: null, version: 2 }),
    ],
    ['never came to be', undefined, undefined],
  ])('is removed when it %s', async (_, present, left) => {
    const world = present ? openConnections(present) : openConnections();
    world.tokens.held.set(REF, 'token-1');
    await tidyToken(depsOf(world), ownerOf(OLD));
    expect(world.tokens.held.size).toBe(0);
    expect(stored(world)).toEqual(left);
  });
});
