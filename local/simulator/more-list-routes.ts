import { links, ok, param, type ApiCall, type Answer, type Route } from './api-call.ts';
import { listOf } from './list-view.ts';
import { bookOf } from './member-book.ts';
import { memberView } from './member-view.ts';
import { listsOf } from './state.ts';

/** Resources that clients read beside the main ones; they answer with what little the simulated world has. */
export const moreListRoutes: readonly Route[] = [
  { method: 'GET', path: '/search-members', handle: searchMembers },
  { method: 'GET', path: '/lists/{list_id}/merge-fields', handle: mergeFields },
  { method: 'GET', path: '/lists/{list_id}/activity', handle: (call) => emptyCollection(call, 'activity') },
  {
    method: 'GET',
    path: '/lists/{list_id}/growth-history',
    handle: (call) => emptyCollection(call, 'growth-history', 'history'),
  },
  {
    method: 'GET',
    path: '/authorized-apps',
    handle: (call) => ok({ apps: [], total_items: 0, _links: links(call.account, '/authorized-apps') }),
  },
];

function emptyCollection(call: ApiCall, path: string, key = path): Answer {
  const list = listOf(call, param(call, 'list_id'));
  return ok({ [key]: [], list_id: list.id, total_items: 0, _links: links(call.account, `/lists/${list.id}/${path}`) });
}

function mergeFields(call: ApiCall): Answer {
  const list = listOf(call, param(call, 'list_id'));
  const field = (id: number, tag: string, name: string): object => ({
    merge_id: id,
    tag,
    name,
    type: 'text',
    required: false,
    default_value: '',
    public: true,
    display_order: id,
    options: { size: 25 },
    help_text: '',
    list_id: list.id,
    _links: links(call.account, `/lists/${list.id}/merge-fields/${id}`),
  });
  return ok({
    merge_fields: [field(1, 'FNAME', 'First Name'), field(2, 'LNAME', 'Last Name')],
    list_id: list.id,
    total_items: 2,
    _links: links(call.account, `/lists/${list.id}/merge-fields`),
  });
}

function searchMembers(call: ApiCall): Answer {
  const wanted = call.query.get('query') ?? '';
  const only = call.query.get('list_id');
  const exact = listsOf(call.sim, call.account)
    .filter((list) => only === null || list.id === only)
    .flatMap((list) => {
      const member = wanted.includes('@') ? bookOf(list).find(wanted) : undefined;
      return member === undefined ? [] : [memberView(call, list, member)];
    });
  return ok({
    exact_matches: { members: exact, total_items: exact.length },
    full_search: { members: exact, total_items: exact.length },
    _links: links(call.account, '/search-members'),
  });
}
