import { readMemberPage, type MemberList, type MembersPage, type Window } from './mailchimp-members.ts';
import type { PageSize } from './page-size.ts';
import { wholeAnswer } from './whole-answer.ts';

/**
 * A page of members, of the size that the vendor copes with. One call, up to three when it counts rows that it does not give.
 * @throws PageTooLarge
 * @throws AppError `list_not_found`; `vendor_unavailable` also when it never gives the rows
 */
export const askMembers = (
  list: MemberList,
  size: PageSize,
  window: Window,
  part: { offset: number; direction?: 'ASC' | 'DESC' },
): Promise<MembersPage> =>
  size.ask((count, timeoutMs) =>
    wholeAnswer(
      () => readMemberPage(list, window, { ...part, count, timeoutMs }),
      ({ members, total_items: total }) => members.length > 0 || total <= part.offset,
    ),
  );
