import * as z from 'zod';
import { links, ok, param, type ApiCall, type Answer, type Route } from './api-call.ts';
import { newHexId } from './ids.ts';
import { readBody } from './input.ts';
import { listOf } from './list-view.ts';
import { pageOf, slice } from './paging.ts';
import { notFound } from './problem.ts';
import type { Audience, InterestCategory } from './records.ts';

const categoryInput = z.object({ title: z.string().min(1), type: z.enum(['checkboxes', 'dropdown', 'radio', 'hidden']) });
const interestInput = z.object({ name: z.string().min(1) });

const CATEGORIES = '/lists/{list_id}/interest-categories';
const CATEGORY = `${CATEGORIES}/{interest_category_id}`;
const INTERESTS = `${CATEGORY}/interests`;

/** https://mailchimp.com/developer/marketing/api/interest-categories/ */
export const interestRoutes: readonly Route[] = [
  { method: 'GET', path: CATEGORIES, handle: categories },
  { method: 'POST', path: CATEGORIES, handle: addCategory },
  { method: 'GET', path: CATEGORY, handle: (call) => ok(categoryView(call, ...categoryOf(call))) },
  { method: 'GET', path: INTERESTS, handle: interests },
  { method: 'POST', path: INTERESTS, handle: addInterest },
];

function categoryOf(call: ApiCall): [Audience, InterestCategory] {
  const list = listOf(call, param(call, 'list_id'));
  const category = list.interestCategories.find(({ id }) => id === param(call, 'interest_category_id'));
  if (category === undefined) throw notFound();
  return [list, category];
}

function categories(call: ApiCall): Answer {
  const list = listOf(call, param(call, 'list_id'));
  return ok({
    list_id: list.id,
    categories: slice(list.interestCategories, pageOf(call.query)).map((category) => categoryView(call, list, category)),
    total_items: list.interestCategories.length,
    _links: links(call.account, `/lists/${list.id}/interest-categories`),
  });
}

function addCategory(call: ApiCall): Answer {
  const list = listOf(call, param(call, 'list_id'));
  const category = { id: newHexId(call.sim.state, 'interest-category'), ...readBody(categoryInput, call.body), interests: [] };
  list.interestCategories.push(category);
  call.sim.changed();
  return ok(categoryView(call, list, category));
}

function interests(call: ApiCall): Answer {
  const [list, category] = categoryOf(call);
  return ok({
    interests: slice(category.interests, pageOf(call.query)).map((interest) => interestView(call, list, category, interest)),
    list_id: list.id,
    category_id: category.id,
    total_items: category.interests.length,
    _links: links(call.account, `/lists/${list.id}/interest-categories/${category.id}/interests`),
  });
}

function addInterest(call: ApiCall): Answer {
  const [list, category] = categoryOf(call);
  const interest = { id: newHexId(call.sim.state, 'interest'), ...readBody(interestInput, call.body) };
  category.interests.push(interest);
  call.sim.changed();
  return ok(interestView(call, list, category, interest));
}

const categoryView = ({ account }: ApiCall, list: Audience, category: InterestCategory): object => ({
  list_id: list.id,
  id: category.id,
  title: category.title,
  display_order: list.interestCategories.indexOf(category),
  type: category.type,
  _links: links(account, `/lists/${list.id}/interest-categories/${category.id}`),
});

/** The count is a string at the vendor. */
const interestView = (
  { account }: ApiCall,
  list: Audience,
  category: InterestCategory,
  interest: InterestCategory['interests'][number],
): object => ({
  category_id: category.id,
  list_id: list.id,
  id: interest.id,
  name: interest.name,
  subscriber_count: String(
    Object.values(list.rows).filter(({ status, interests: chosen }) => status === 'subscribed' && chosen[interest.id] === true)
      .length,
  ),
  display_order: category.interests.indexOf(interest),
  _links: links(account, `/lists/${list.id}/interest-categories/${category.id}/interests/${interest.id}`),
});
