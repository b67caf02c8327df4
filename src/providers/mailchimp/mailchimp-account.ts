import type * as z from 'zod';
import type { EmailPlatform } from '../../core/email-platform/email-platform.ts';
import { to, type Address } from './address.ts';
import type { MailchimpClient } from './mailchimp-client.ts';
import { classify, type MailchimpAnswer } from './mailchimp-errors.ts';
import { rootAnswer } from './mailchimp-schemas.ts';

export const mailchimpAccount = (client: MailchimpClient): Pick<EmailPlatform, 'verify'> => ({
  async verify() {
    await client.command(to('ping'));
  },
});

/** Whose account it is, asked before there is a connection; `root` is `undefined` when the answer does not tell. */
export async function readRoot(
  ask: (address: Address<'readRoot'>) => Promise<MailchimpAnswer>,
): Promise<{ status: number; root: z.infer<typeof rootAnswer> | undefined }> {
  const answer = await ask(to('readRoot'));
  return { status: answer.status, root: classify(answer) === 'ok' ? rootAnswer.safeParse(answer.json).data : undefined };
}
