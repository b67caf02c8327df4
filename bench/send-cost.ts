import { draftCampaign } from '../src/core/campaign/draft-campaign.ts';
import { sendCampaign } from '../src/core/campaign/send-campaign.ts';
import { anAudience, TENANT } from '../tests/support/factories.ts';
import { openCampaigns } from '../tests/support/open-campaigns.ts';

/**
 * Prints what one draft and one send of it cost: calls of the vendor, messages, and writes of the table with their size.
 * Counted on the ports, so it is the same on every machine; a write unit is a started kilobyte of the item as JSON.
 */
const KB = 1024;
const WRITES = new Set(['save', 'put', 'remove', 'removeAll', 'note']);

interface Tally {
  vendor: Map<string, number>;
  messages: number;
  writes: number;
  writeUnits: number;
  largest: number;
}
const empty = (): Tally => ({ vendor: new Map(), messages: 0, writes: 0, writeUnits: 0, largest: 0 });
let tally = empty();

function count(name: string, args: readonly unknown[]): void {
  if (name === 'send') tally.messages++;
  if (!WRITES.has(name)) return;
  const bytes = Math.max(...args.map((arg) => Buffer.byteLength(JSON.stringify(arg))), 1);
  tally.writes++;
  tally.writeUnits += Math.ceil(bytes / KB);
  tally.largest = Math.max(tally.largest, bytes);
}

const world = openCampaigns({
  startProcess: () => (port) =>
    new Proxy(port, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== 'function' || typeof name !== 'string') return member;
        return (...args: unknown[]): unknown => {
          count(name, args);
          return Reflect.apply(member, target, args);
        };
      },
    }),
});

function print(what: string): void {
  const calls = [...tally.vendor.values()].reduce((sum, one) => sum + one, 0);
  const names = [...tally.vendor].map(([method, times]) => (times > 1 ? `${times} x ${method}` : method)).join(', ');
  console.log(
    `${what}: ${calls} vendor calls (${names}), ${tally.messages} messages, ${tally.writes} writes, ` +
      `${tally.writeUnits} write units, largest item ${tally.largest} bytes`,
  );
  tally = empty();
}

function takeCalls(): void {
  for (const { method } of world.vendor.calls.splice(0)) tally.vendor.set(method, (tally.vendor.get(method) ?? 0) + 1);
}

const { id } = await draftCampaign(world.openProcess(), TENANT, {
  audienceId: anAudience().id,
  subject: 'Autumn loaves',
  html: '<p>Rye is back.</p>',
});
takeCalls();
print('a draft');
await sendCampaign(world.openProcess(), TENANT, id);
takeCalls();
print('a send, until Mailchimp took it');
await world.driver.drain();
takeCalls();
print('its read-backs over two minutes');
