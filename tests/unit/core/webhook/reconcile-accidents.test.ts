import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AppError } from '../../../../src/core/shared/app-error.ts';
import { DAY, HOUR, MINUTE } from '../../../../src/core/shared/clock.ts';
import { hookUrl } from '../../../../src/core/webhook/hook-id.ts';
import { reconcileHooks } from '../../../../src/core/webhook/reconcile-hooks.ts';
import { planCrash } from '../../../support/crashes.ts';
import { aHook, aUsableConnection, TENANT } from '../../../support/factories.ts';
import { CONFIG } from '../../../support/open-connections.ts';
import { missSome } from '../../../support/fake-untold.ts';
import { AUDIENCE, FOREIGN, openHooks } from '../../../support/open-hooks.ts';

describe('whatever happened before', () => {
  /** Accidents of a day, at the vendor, on the way and in our own process. */
  const accident = fc.oneof(
    fc.constantFrom('deleted', 'flags', 'unsigned', 'double', 'missed', 'rejected', 'moved', 'week').map((kind) => ({ kind })),
    fc.record({
      kind: fc.constant('lost'),
      method: fc.constantFrom('createHook' as const, 'deleteHook' as const, 'updateHook' as const, 'listHooks' as const),
      when: fc.constantFrom('before' as const, 'after' as const),
    }),
    fc.record({
      kind: fc.constant('crash'),
      at: fc.integer({ min: 1, max: 12 }),
      when: fc.constantFrom('before' as const, 'after' as const),
    }),
  );

  it('one undisturbed reconcile leaves exactly one working hook of ours, and all of others', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(accident, { minLength: 1, maxLength: 8 }), fc.boolean(), async (accidents, signed) => {
        const { world, reconcile, known, vendorOf, changeVendor } = openHooks({ signed });
        for (const event of accidents) {
          if (event.kind === 'deleted') changeVendor(() => undefined);
          if (event.kind === 'flags') changeVendor((hook) => ({ ...hook, flagsRight: false }));
          if (event.kind === 'unsigned') changeVendor((hook) => ({ ...hook, signed: false }));
          if (event.kind === 'moved')
            changeVendor((hook) => ({ ...hook, url: hook.url.replace(CONFIG.publicBaseUrl, 'https://old.test') }));
          if (event.kind === 'double')
            world.vendor.hooks.set(AUDIENCE.vendorId, [
              ...(world.vendor.hooks.get(AUDIENCE.vendorId) ?? []),
              {
                vendorId: `d${world.vendor.calls.length}`,
                url: hookUrl(CONFIG, aHook('x').hookId.replace(/HH$/, 'ZZ'), 'd'),
                signed,
                flagsRight: true,
              },
            ]);
          if (event.kind === 'missed') await missSome(world, AUDIENCE.id, world.clock.now(), 1);
          if (event.kind === 'rejected')
            for (let index = 0; index < 3; index++) await world.hookActivity.rejected(TENANT, AUDIENCE.id, 'hook_1');
          if (event.kind === 'week') world.clock.advance(8 * DAY);
          if ('method' in event)
            world.vendor.faults.push({
              method: event.method,
              error: new AppError('vendor_unavailable', 'Lost.'),
              when: event.when,
            });
          if ('at' in event) {
            const wrap = planCrash({ at: event.at, when: event.when }).startProcess();
            const deps = { ...world, config: CONFIG, hooks: wrap(world.hooks), connections: wrap(world.connections) };
            await reconcileHooks(deps, wrap(world.vendor.platform), aUsableConnection(), [AUDIENCE], Infinity).catch(
              () => undefined,
            );
          } else await reconcile();
          world.clock.advance(HOUR);
        }
        world.vendor.faults.length = 0;
        await reconcile();
        world.clock.advance(MINUTE);
        await reconcile();
        const [hook, ...more] = known().filter(({ status }) => status !== 'disconnected');
        expect(more).toEqual([]);
        expect(hook).toMatchObject({ status: 'active' });
        expect(vendorOf()).toHaveLength(1);
        const [vendor] = vendorOf();
        expect(vendor).toMatchObject({ vendorId: hook?.vendorId, flagsRight: true });
        expect(vendor?.signed).toBe(hook?.signingSecret !== null);
        expect(vendor?.url).toContain(`${CONFIG.publicBaseUrl}${CONFIG.webhookPath}/${hook?.hookId}/`);
        expect(world.vendor.hooks.get(AUDIENCE.vendorId)).toEqual(expect.arrayContaining(FOREIGN));
      }),
      { numRuns: 300 },
    );
  });
});
