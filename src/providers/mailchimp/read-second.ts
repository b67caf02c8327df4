import { advance, FIRST_PASS } from './offset-pass.ts';
import { askMembers } from './ask-members.ts';
import { LostOrder, secondOf, type MemberWindow, type WindowPage } from './member-window.ts';
import type { PageSize } from './page-size.ts';
import type { MemberList } from './mailchimp-members.ts';
import { incompleteAnswer } from './whole-answer.ts';

/** How often a second is read before it is left for later. */
const MOST_PASSES = 10;
/** Of a longer second the ids are not kept, about 10 MB: two passes must meet the same. */
const MOST_IDS = 100_000;

/**
 * Reads seconds in which more than a page changed, which only an offset leads through. Rows of one second come in no order
 * that anybody promised: it is over when as many different ones were met as the vendor counts, all of them while it counted
 * the same. Nobody can join a second that is over.
 */
export class SecondReader {
  private readonly met = new Map<number | null, { total: number; ids: Set<string> }>();

  /**
   * One page. One call.
   * @throws LostOrder when rows are of another time
   * @throws AppError `vendor_unavailable` when ten passes do not meet everybody; the next read begins the second again
   */
  async read(list: MemberList, window: MemberWindow, size: PageSize): Promise<WindowPage> {
    const { since, before, pass = FIRST_PASS } = window;
    const { members, total_items: total } = await askMembers(list, size, window, { offset: pass.offset });
    const isOutside = (second: number | null) => second !== null && (second < (since ?? 0) || second > before);
    if (members.map(secondOf).some(isOutside)) throw new LostOrder();
    const known = this.met.get(since);
    const ids = known?.total === total ? known.ids : new Set<string>();
    if (total <= MOST_IDS) members.forEach(({ id }) => ids.add(id));
    const next = advance(pass, members, total);
    const isOver = next.isClean || ids.size >= total;
    if (isOver || next.pass.passes >= MOST_PASSES) this.met.delete(since);
    else this.met.set(since, { total, ids });
    if (isOver) return { members, rest: [] };
    if (next.pass.passes >= MOST_PASSES) throw incompleteAnswer();
    return { members, rest: [{ ...window, pass: next.pass }] };
  }
}
