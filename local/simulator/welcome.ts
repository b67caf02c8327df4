import * as z from 'zod';
import type { Simulator } from './public-interface.ts';

const stateAnswer = z.object({
  accounts: z.array(z.object({ id: z.string(), name: z.string() })),
  apps: z.array(z.object({ clientId: z.string(), redirectUris: z.array(z.string()) })),
  settings: z.object({ consent: z.string() }),
});

const CONSENT: Readonly<Record<string, string>> = { approve: ' (consents by itself)', deny: ' (denies by itself)' };

/** What a person who started a simulator wants to paste next. */
export async function welcome(simulator: Simulator): Promise<string> {
  const { url } = simulator;
  const { accounts, apps, settings } = stateAnswer.parse(await simulator.control('GET', '/state'));
  const [app = { clientId: 'my-app', redirectUris: ['http://127.0.0.1:3000/callback'] }] = apps;
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: app.clientId,
    redirect_uri: app.redirectUris[0] ?? '',
  });
  const people = accounts.map(
    ({ id, name }) => `  account  ${id} ${name}\n  token    curl -s -X POST ${url}/_control/accounts/${id}/tokens\n`,
  );
  return `Mailchimp simulator on ${url}
  page     ${url}/
  API      ${url}/3.0
  control  ${url}/_control
${people.join('') || `  account  none yet: curl -s -X POST ${url}/_control/accounts -d '{"name":"My Bakery"}'\n`}  consent  '${url}/oauth2/authorize?${query.toString()}'${CONSENT[settings.consent] ?? ''}
Stop it with Ctrl+C.`;
}
