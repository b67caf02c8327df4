import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  ResourceNotFoundException,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import * as z from 'zod';
import { pepperSecret } from '../../src/storage/pepper.ts';
import type { Ask } from './ask.ts';
import { bad, notChecked, ok, warn, type Check } from './check.ts';

const appSecret = z.object({ clientId: z.string(), clientSecret: z.string() });
const oauthError = z.object({ error: z.string() });

async function readJson(client: SecretsManagerClient, id: string): Promise<unknown> {
  const { SecretString = '' } = await client.send(new GetSecretValueCommand({ SecretId: id }));
  try {
    return JSON.parse(SecretString);
  } catch {
    return undefined;
  }
}

/** Whether the pepper is there, whole, and was never replaced. Its value is not shown. */
export const checkPepper = (client: SecretsManagerClient, id: string): Check => ({
  name: 'pepper',
  rights: ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue (on the pepper)'],
  async look() {
    const about = await client.send(new DescribeSecretCommand({ SecretId: id })).catch((error: unknown) => {
      if (error instanceof ResourceNotFoundException) return undefined;
      throw error;
    });
    if (!about)
      return bad(
        'There is no pepper.',
        'Stop all traffic. See "The pepper" in docs/runbook.md: nobody else recognises the people who were erased.',
      );
    if (about.DeletedDate)
      return bad('The pepper is being deleted.', `At once: aws secretsmanager restore-secret --secret-id ${id}`);
    if (about.RotationEnabled === true)
      return bad('The pepper is set to be rotated.', `At once: aws secretsmanager cancel-rotate-secret --secret-id ${id}`);
    const labels = Object.values(about.VersionIdsToStages ?? {}).filter((stages) => stages.length > 0);
    if (labels.length > 1)
      return bad(
        'The pepper was replaced: it has more than one version.',
        'If somebody rotated it, put the former value back ("The pepper" in docs/runbook.md). If the present one is right, take the label AWSPREVIOUS off the other.',
      );
    return pepperSecret.safeParse(await readJson(client, id)).success
      ? ok('The pepper is there, whole, and was never replaced.')
      : bad('The pepper is no {"pepper"} of at least 32 characters.', 'See "The pepper" in docs/runbook.md.');
  },
});

const PUT_IT = (id: string): string =>
  `aws secretsmanager put-secret-value --secret-id ${id} --secret-string '{"clientId":"…","clientSecret":"…"}'`;

/**
 * Whether the Mailchimp app's id and secret are there, and whether Mailchimp knows them. It is asked to exchange a code that nobody was given:
 * it says `invalid_client` to a wrong secret, and complains about the code to a right one.
 */
export const checkAppSecret = (
  client: SecretsManagerClient,
  ask: Ask,
  { id, loginUrl, redirectUri }: { id: string; loginUrl: string; redirectUri: string },
): Check => ({
  name: 'Mailchimp app',
  rights: ['secretsmanager:GetSecretValue (on the secret of the Mailchimp app)'],
  async look() {
    const app = appSecret.safeParse(
      await readJson(client, id).catch((error: unknown) => {
        if (error instanceof ResourceNotFoundException) return undefined;
        throw error;
      }),
    );
    if (!app.success) return bad('Its secret is missing, or no {"clientId", "clientSecret"}.', PUT_IT(id));
    const { clientId, clientSecret } = app.data;
    if (clientId === '' || clientSecret === '') return bad('Its secret was never filled in, so nobody can connect.', PUT_IT(id));
    const register = ok(`Its redirect URI has to be, to the letter, ${redirectUri}`);
    const body = new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: clientId,
      client_secret: clientSecret,
      redirect_uri: redirectUri,
      code: 'a-code-that-nobody-was-given',
    });
    const answer = await ask(`${loginUrl}/oauth2/token`, { method: 'POST', body }).catch(() => undefined);
    if (!answer || answer.status >= 500)
      return [
        warn(
          `Its secret is there, and Mailchimp ${answer ? `answers ${answer.status}` : 'does not answer'}.`,
          'See Mailchimp\'s status page, and "The vendor is down" in docs/runbook.md.',
        ),
        register,
      ];
    const error = oauthError.safeParse(answer.json);
    if (answer.status === 401 || (error.success && error.data.error === 'invalid_client'))
      return [
        bad(
          'Mailchimp does not know this id and secret.',
          `Make a new secret in the app's settings at Mailchimp. Then ${PUT_IT(id)}`,
        ),
        register,
      ];
    if (error.success && error.data.error === 'invalid_grant') return [ok('Mailchimp knows its id and secret.'), register];
    return [notChecked(`Whether Mailchimp knows its id and secret: it answered ${answer.status} and did not say.`), register];
  },
});
