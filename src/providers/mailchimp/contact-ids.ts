import { createHash } from 'node:crypto';
import { spellingsOf } from '../../core/shared/email-address.ts';

/**
 * Mailchimp's ids of a person: the MD5 of the address in lower case, for every spelling it may have been given, such as the
 * domain in either alphabet. The same in every audience.
 * https://mailchimp.com/developer/marketing/docs/methods-parameters/
 */
export const mailchimpContactIds = (email: string): string[] =>
  spellingsOf(email).map((spelling) => createHash('md5').update(spelling, 'utf8').digest('hex'));
