import { readMembers } from '../../src/providers/mailchimp/read-departures.ts';
import { START, tie, type listClient } from './churning-list.ts';
import type { Member } from './member-list.ts';
import { seededRandom } from './seeded-random.ts';

const PAGE = 100;

/** One read of everybody who left, in pages of 100 rows. */
export async function readDeparted(
  client: ReturnType<typeof listClient>,
  cursor: string | null,
  pageSize = PAGE,
  mayGoOn: () => boolean = () => true,
) {
  const before = client.asked.length;
  const told: string[] = [];
  const cursors: (string | null)[] = [];
  let total = 0;
  for await (const page of readMembers(client, 'l1', 'unsubscribed', cursor, () => START * 1_000, pageSize, mayGoOn)) {
    told.push(...page.departures.map(({ email }) => email));
    cursors.push(page.cursor);
    total = Math.max(total, page.total);
  }
  return { told, cursors, cursor: cursors.at(-1) ?? null, total, calls: client.asked.length - before };
}

/** So many people, at seconds before the start that a function of a random number says. */
export const spread = (count: number, ago: (random: number) => number): Member[] => {
  const random = seededRandom(count);
  return Array.from({ length: count }, (_, index) => tie(-Math.floor(ago(random())) - 3_600, 1, `p${index}`)).flat();
};
