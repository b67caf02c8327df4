import * as z from 'zod';
import type { ApiCall } from './api-call.ts';
import { links } from './api-call.ts';
import { memberId } from './ids.ts';
import { readBody } from './input.ts';
import { bookOf } from './member-book.ts';
import { updateProfile } from './member-events.ts';
import {
  checkAddress,
  checkConsent,
  draftMember,
  memberDetails,
  presentMember,
  withDetails,
  writableStatus,
} from './member-input.ts';
import { memberView } from './member-view.ts';
import { applyStatus } from './members.ts';
import { ApiProblem, invalidResource } from './problem.ts';
import type { Audience, Member } from './records.ts';

const entry = memberDetails.extend({
  email_address: z.string(),
  status: writableStatus.optional(),
  status_if_new: writableStatus.optional(),
});
const bulkInput = z.object({
  members: z.array(entry),
  update_existing: z.boolean().optional(),
  sync_tags: z.boolean().optional(),
});

/** `POST /lists/{list_id}`: many members in one call, answered one by one. https://mailchimp.com/developer/marketing/api/lists/batch-subscribe-or-unsubscribe/ */
export function bulkMembers(call: ApiCall, list: Audience): object {
  const input = readBody(bulkInput, call.body);
  const { bulkErrorsInside, bulkLimit } = call.sim.state.settings;
  if (input.members.length > bulkLimit)
    throw invalidResource([{ field: 'members', message: `No more than ${bulkLimit} members may be given.` }]);
  const created: object[] = [];
  const updated: object[] = [];
  const errors: object[] = [];
  for (const given of input.members) {
    try {
      const existed = presentMember(list, given.email_address) !== undefined;
      const member = writeOne(call, list, given, input.update_existing ?? false);
      (existed ? updated : created).push(memberView(call, list, member));
    } catch (error) {
      if (!(error instanceof ApiProblem) || !bulkErrorsInside) throw error;
      const code = error.title === 'Member Exists' ? 'ERROR_CONTACT_EXISTS' : 'ERROR_GENERIC';
      errors.push({ email_address: given.email_address, error: error.detail, error_code: code, field: '', field_message: '' });
    }
  }
  return {
    new_members: created,
    updated_members: updated,
    errors,
    total_created: created.length,
    total_updated: updated.length,
    error_count: errors.length,
    _links: links(call.account, `/lists/${list.id}`),
  };
}

function writeOne(call: ApiCall, list: Audience, given: z.infer<typeof entry>, updateExisting: boolean): Member {
  checkAddress(call.sim, given.email_address);
  const known = bookOf(list).find(memberId(given.email_address));
  const present = known !== undefined && known.status !== 'archived';
  if (present && !updateExisting) {
    throw new ApiProblem(
      400,
      'Member Exists',
      `${given.email_address} is already a list member, do you want to update? please provide update_existing:true in the request body`,
    );
  }
  const status = given.status ?? (present ? known.status : (given.status_if_new ?? 'subscribed'));
  const changes = !present || status !== known.status;
  if (changes) checkConsent(call.sim, list, given.email_address, known, status);
  const draft = withDetails(known ?? draftMember(call.sim, list, given.email_address, status), given);
  return changes ? applyStatus(call.sim, list, draft, status, 'api') : updateProfile(call.sim, list, draft, 'api');
}
