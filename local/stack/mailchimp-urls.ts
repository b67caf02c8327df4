import type { StackSettings } from './stack-options.ts';

type Given = Pick<StackSettings, 'mailchimpLoginUrl' | 'mailchimpApiHostOverride'>;

/** The simulator runs unless somebody else's login, and so somebody else's API, is used. */
export const needsSimulator = ({ mailchimpLoginUrl }: Given): boolean => mailchimpLoginUrl === undefined;

/**
 * Where the functions find Mailchimp. A login of one's own without an override means what it means in a deployment: the
 * API is where the account's metadata says.
 */
export function mailchimpUrls({ mailchimpLoginUrl, mailchimpApiHostOverride }: Given, simulatorUrl: string | undefined) {
  return {
    MAILCHIMP_LOGIN_URL: mailchimpLoginUrl ?? simulatorUrl,
    MAILCHIMP_API_HOST_OVERRIDE: mailchimpApiHostOverride ?? (mailchimpLoginUrl === undefined ? simulatorUrl : undefined),
  };
}
