import * as z from 'zod';
import { noContent, ok } from './api-call.ts';
import { accountById, listById, time, type ControlRoute } from './control-call.ts';
import { readBody } from './input.ts';
import { deleteList } from './lists.ts';
import { bookOf } from './member-book.ts';
import { addAudience } from './populate.ts';
import type { Audience } from './records.ts';

const population = z
  .object({
    subscribed: z.number().int().min(0).optional(),
    unsubscribed: z.number().int().min(0).optional(),
    cleaned: z.number().int().min(0).optional(),
    domain: z.string().optional(),
    from: time.optional(),
    to: time.optional(),
  })
  .strict();
const listInput = z
  .object({
    accountId: z.string().optional(),
    name: z.string().default('Another audience'),
    fromEmail: z.string().optional(),
    createdAt: time.optional(),
    count: z.number().int().min(1).max(1_000).default(1),
    members: population.optional(),
  })
  .strict();

/** Lists of any size: large populations are computed, not stored. */
export const listControls: readonly ControlRoute[] = [
  {
    method: 'POST',
    path: '/lists',
    about: 'New lists: {accountId?, name?, count?, members?: {subscribed?, unsubscribed?, cleaned?, domain?, from?, to?}}',
    handle: (call) => {
      const { accountId, count, ...input } = readBody(listInput, call.body);
      const account = accountById(call, accountId);
      const lists = Array.from({ length: count }, (_, index) =>
        addAudience(call.world.sim, account, { ...input, name: count === 1 ? input.name : `${input.name} ${index + 1}` }),
      );
      return ok({ lists: lists.map(brief) });
    },
  },
  {
    method: 'GET',
    path: '/lists/{list_id}',
    about: 'The true counts of a list, not the cached ones',
    handle: (call) => ok(brief(listById(call, call.params['list_id']))),
  },
  {
    method: 'DELETE',
    path: '/lists/{list_id}',
    about: 'Delete a list as its owner would',
    handle: (call) => {
      deleteList(call.world.sim, listById(call, call.params['list_id']));
      return noContent;
    },
  },
];

/** A list in the words of the control interface. */
export function brief(list: Audience): object {
  const book = bookOf(list);
  return {
    id: list.id,
    accountId: list.accountId,
    name: list.name,
    subscribed: book.count('subscribed'),
    unsubscribed: book.count('unsubscribed'),
    cleaned: book.count('cleaned'),
    pending: book.count('pending'),
    archived: book.count('archived'),
    abuseReports: list.abuseReports.length,
  };
}
