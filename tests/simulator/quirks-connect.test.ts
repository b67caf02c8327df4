import { request } from 'node:http';
import { MINUTE, call, type Reply } from './open-simulator.ts';
import { testQuirks, type Bench } from './quirk-cases.ts';
import { openReceiver } from './receiver.ts';
import { at, namesOf, textAt } from './read.ts';

const REDIRECT = 'http://127.0.0.1:9/callback';
const APP = { client_id: 'app', client_secret: 'secret', redirect_uri: REDIRECT };

async function consent(bench: Bench, query: Readonly<Record<string, string>> = {}): Promise<string> {
  await bench.control('POST', '/apps', { clientId: 'app', clientSecret: 'secret', redirectUris: [REDIRECT] });
  await bench.set({ consent: 'approve' });
  const asked = new URLSearchParams({ response_type: 'code', client_id: 'app', redirect_uri: REDIRECT, ...query });
  const reply = await call('GET', `${bench.url}/oauth2/authorize?${asked.toString()}`);
  return new URL(reply.headers.get('location') ?? 'none:').searchParams.get('code') ?? '';
}
const form = ({ url }: Bench, path: string, fields: Readonly<Record<string, string>>): Promise<Reply> =>
  call('POST', `${url}/oauth2/${path}`, new URLSearchParams({ ...APP, ...fields }));
const exchange = (bench: Bench, code: string, fields: Readonly<Record<string, string>> = {}): Promise<Reply> =>
  form(bench, 'token', { grant_type: 'authorization_code', code, ...fields });
const tokens = async (bench: Bench): Promise<unknown> => (await exchange(bench, await consent(bench))).body;
const metadata = ({ url, token }: Bench, other = token): Promise<Reply> =>
  call('GET', `${url}/oauth2/metadata`, undefined, { authorization: `OAuth ${other}` });

/** `fetch` does not let a caller choose the host. */
const statusAt = ({ url, token }: Bench, host: string): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const headers = { host, authorization: `Bearer ${token}`, connection: 'close' };
    request(`${url}/3.0/ping`, { headers }, (response) => resolve(response.resume().statusCode))
      .on('error', reject)
      .end();
  });

testQuirks('connect', [
  ['metadata-200-for-dead-token', async (bench) => (await metadata(bench, 'dead')).status, 200, 401],
  [
    'endpoint-without-version',
    async (bench) => textAt((await metadata(bench)).body, 'api_endpoint'),
    'https://us7.api.mailchimp.com',
    'https://us7.api.mailchimp.com/3.0',
  ],
  [
    'root-without-endpoint',
    async ({ api }) => namesOf((await api('GET', '/')).body).filter((name) => /^(dc|api_endpoint)$/.test(name)),
    [],
    ['dc', 'api_endpoint'],
  ],
  ['expires-in-zero', async (bench) => at(await tokens(bench), 'expires_in'), 0, undefined],
  ['scope-is-null', async (bench) => at(await tokens(bench), 'scope'), null, undefined],
  ['no-token-type', async (bench) => at(await tokens(bench), 'token_type'), undefined, 'bearer'],
  [
    'no-refresh-token',
    async (bench) => {
      const refresh = { grant_type: 'refresh_token', refresh_token: textAt(await tokens(bench), 'refresh_token') };
      const fresh = await form(bench, 'token', refresh);
      const authorization = `Bearer ${textAt(fresh.body, 'access_token')}`;
      return [fresh.status, (await bench.api('GET', '/ping', undefined, { authorization })).status];
    },
    [400, 401],
    [200, 200],
  ],
  [
    'tokens-never-expire',
    async (bench) => {
      const fresh = textAt(await tokens(bench), 'access_token');
      bench.clock.advance(61 * MINUTE);
      const older = (await bench.api('GET', '/ping')).status;
      return [older, (await bench.api('GET', '/ping', undefined, { authorization: `Bearer ${fresh}` })).status];
    },
    [200, 200],
    [200, 401],
  ],
  [
    'codes-live-30-seconds',
    async (bench) => {
      const code = await consent(bench);
      bench.clock.advance(31_000);
      return (await exchange(bench, code)).status;
    },
    400,
    200,
  ],
  [
    'codes-are-single-use',
    async (bench) => {
      const code = await consent(bench);
      return [(await exchange(bench, code)).status, (await exchange(bench, code)).status];
    },
    [200, 400],
    [200, 200],
  ],
  [
    'redirect-uri-to-the-byte',
    async (bench) => {
      const other = `${REDIRECT}/`;
      const asked = await consent(bench, { redirect_uri: other });
      return [asked !== '', (await exchange(bench, await consent(bench), { redirect_uri: other })).status];
    },
    [false, 400],
    [true, 200],
  ],
  [
    'pkce-is-ignored',
    async (bench) => {
      const challenged = { code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256' };
      return (await exchange(bench, await consent(bench, challenged))).status;
    },
    200,
    400,
  ],
  [
    'no-revocation',
    async (bench) => {
      const token = textAt(await tokens(bench), 'access_token');
      const revoked = await form(bench, 'revoke', { token });
      return [revoked.status, (await bench.api('GET', '/ping', undefined, { authorization: `Bearer ${token}` })).status];
    },
    [404, 200],
    [200, 401],
  ],
  [
    'hooks-outlive-tokens',
    async ({ accountId, api, control, listId }) => {
      const receiver = await openReceiver();
      await api('POST', `/lists/${listId}/webhooks`, { url: receiver.url });
      await receiver.close();
      await control('DELETE', `/accounts/${accountId}/tokens`);
      const hooks = at((await control('GET', '/hooks')).body, 'hooks.length');
      return [(await api('GET', '/ping')).status, hooks];
    },
    [401, 1],
    [401, 0],
  ],
  ['wrong-datacenter-looks-like-dead-token', (bench) => statusAt(bench, 'us9.api.mailchimp.com'), 401, 403],
]);
