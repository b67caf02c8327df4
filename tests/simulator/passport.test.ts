import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openPassportApp, type PassportApp, type SignIn } from './open-passport.ts';
import { call, openSimulator, testClock, type Opened } from './open-simulator.ts';
import { numberAt, rowsAt, textAt } from './read.ts';

const STATE = 'opaque & odd';

describe('passport-mailchimp', () => {
  let opened: Opened;
  let app: PassportApp;

  beforeAll(async () => {
    opened = await openSimulator({ clock: testClock() });
    app = await openPassportApp(opened.url, STATE);
    const redirectUris = [app.callbackUrl];
    await opened.control('POST', '/apps', { clientId: 'bakery-app', clientSecret: 'flour', redirectUris });
  });
  afterAll(async () => {
    await app.close();
    await opened.close();
  });

  /** Goes where the app sends people, and does there what a person does: presses a button of the page's form. */
  const consent = async (decision: 'approve' | 'deny'): Promise<string> => {
    const sent = await call('GET', `${app.url}/login`);
    expect(sent.status).toBe(302);
    const page = await call('GET', sent.headers.get('location') ?? '');
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    const form = new URLSearchParams({ ...hiddenFields(page.text), decision });
    const action = /<form method="post" action="([^"]+)"/.exec(page.text)?.[1] ?? '';
    const back = await call('POST', `${opened.url}${action}`, form);
    expect(back.status).toBe(303);
    return back.headers.get('location') ?? '';
  };
  const returnTo = async (callback: string): Promise<SignIn | undefined> => {
    await call('GET', callback);
    return app.signIns.at(-1);
  };

  it('lets somebody in with the profile of the account that was granted', async () => {
    const callback = await consent('approve');
    expect(new URL(callback).searchParams.get('state')).toBe(STATE);
    const signIn = await returnTo(callback);
    const [account] = rowsAt((await opened.control('GET', '/accounts')).body, 'accounts');
    expect(signIn).toMatchObject({
      kind: 'in',
      profile: {
        provider: 'mailchimp',
        id: numberAt(account, 'loginId'),
        accountname: 'Harbor Lane Bakery',
        role: 'owner',
        dc: 'us7',
        api_endpoint: 'https://us7.api.mailchimp.com',
        login_url: 'https://login.mailchimp.com',
      },
    });
    const token = textAt(signIn, 'profile.accessToken');
    const root = await call('GET', `${opened.url}/3.0/`, undefined, { authorization: `Bearer ${token}` });
    expect(root.body).toMatchObject({ account_id: opened.accountId });
  });

  it('is told when somebody denies', async () => {
    const callback = await consent('deny');
    expect(await returnTo(callback)).toMatchObject({ kind: 'refused', reason: 'access_denied' });
  });

  it('fails with a code that was exchanged before', async () => {
    const callback = await consent('approve');
    expect(await returnTo(callback)).toMatchObject({ kind: 'in' });
    const replayed = await returnTo(callback);
    expect(replayed).toMatchObject({ kind: 'failed', error: { code: 'invalid_grant' } });
  });

  it('fails once the secret of the app was changed', async () => {
    const callback = await consent('approve');
    const redirectUris = [app.callbackUrl];
    await opened.control('POST', '/apps', { clientId: 'bakery-app', clientSecret: 'rotated', redirectUris });
    expect(await returnTo(callback)).toMatchObject({
      kind: 'failed',
      error: { code: 'invalid_client' },
    });
  });
});

function hiddenFields(html: string): Record<string, string> {
  const inputs = html.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g);
  return Object.fromEntries([...inputs].map(([, name = '', value = '']) => [name, decoded(value)]));
}

const decoded = (text: string): string => text.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
