import { ok, type Answer } from './api-call.ts';
import { listById, type ControlCall } from './control-call.ts';
import { queryChoice } from './input.ts';
import { bookOf } from './member-book.ts';
import { pageOf, type Page } from './paging.ts';
import { memberStatus, type Audience, type Member, type MemberStatus } from './records.ts';

interface Found {
  readonly rows: readonly Member[];
  readonly total: number;
}

/**
 * One page of a list's members in the list's own order, archived ones too. A search finds whole addresses everywhere, and
 * parts of addresses where members are stored; a computed population of millions is not made for it.
 * @throws ApiProblem 404 without such a list, 400 for an unknown status or a page that is none
 */
export function memberPage(call: ControlCall): Answer {
  const list = listById(call, call.params['list_id']);
  const status = queryChoice(call.query, 'status', memberStatus.options);
  const text = (call.query.get('query') ?? '').trim().toLowerCase();
  const page = pageOf(call.query);
  const { rows, total } = text === '' ? select(list, status, page) : search(list, status, text, page);
  return ok({
    members: rows.map(row),
    total,
    offset: page.offset,
    wholeAddressesOnly: list.generated !== undefined,
  });
}

const select = (list: Audience, status: MemberStatus | undefined, page: Page, also?: (member: Member) => boolean): Found =>
  bookOf(list).select(
    { includeArchived: true, ...(status === undefined ? {} : { status }), ...(also === undefined ? {} : { also }) },
    page.offset,
    page.count,
  );

function search(list: Audience, status: MemberStatus | undefined, text: string, page: Page): Found {
  if (list.generated === undefined) return select(list, status, page, ({ email }) => email.toLowerCase().includes(text));
  const member = text.includes('@') ? bookOf(list).find(text) : undefined;
  if (member === undefined || (status !== undefined && member.status !== status)) return { rows: [], total: 0 };
  return { rows: page.offset === 0 && page.count > 0 ? [member] : [], total: 1 };
}

const row = ({ id, email, status, lastChanged, unsubscribeReason, mergeFields, vip, tags }: Member): object => ({
  id,
  email,
  status,
  lastChanged,
  ...(unsubscribeReason === undefined ? {} : { unsubscribeReason }),
  mergeFields,
  vip,
  tags,
});
