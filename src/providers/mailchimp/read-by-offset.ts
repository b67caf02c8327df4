import { askMembers } from './ask-members.ts';
import type { UnderWay } from './departure-cursor.ts';
import { advance } from './offset-pass.ts';
import type { PageSize } from './page-size.ts';
import type { Member, MemberList, Window } from './mailchimp-members.ts';

/** How often a list is read before the watermark is left where it was. */
const MOST_PASSES = 5;

interface OffsetPage {
  members: Member[];
  /** What the vendor counted, on the very first page; else 0. */
  total: number;
  /** `complete`: everybody was met. `given_up`: that is not sure, the next read begins where this one did. */
  outcome: 'under_way' | 'complete' | 'given_up';
}

/**
 * All of a window by offset, at a vendor that does not sort: in passes until two of them met the same. One call per page;
 * at least two passes when there is more than a page, at most five.
 * @param lost how far it is read. Changed on the way, before a page is told
 */
export async function* readByOffset(
  list: MemberList,
  window: Window,
  lost: NonNullable<UnderWay['lost']>,
  size: PageSize,
  now: number,
  mayGoOn: () => boolean,
): AsyncGenerator<OffsetPage> {
  for (let outcome: OffsetPage['outcome'] = 'under_way'; outcome === 'under_way' && mayGoOn();) {
    const { offset, total: before, passes } = lost.pass;
    const { members, total_items: total } = await askMembers(list, size, window, { offset });
    if (before === null) lost.began = list.client.vendorNow ?? now;
    const { pass, isClean } = advance(lost.pass, members, total);
    lost.pass = pass;
    if (isClean) outcome = 'complete';
    else if (pass.passes >= MOST_PASSES) outcome = 'given_up';
    yield { members, total: passes === 0 && before === null ? total : 0, outcome };
  }
}
