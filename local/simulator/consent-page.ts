import type { Account } from './records.ts';

interface Asked {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly state: string;
  readonly codeChallenge: string | null;
}

const escape = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** A whole page in the simulator's plain dress. `body` must be escaped already. */
const page = (title: string, body: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; background: #f4f1ea; color: #241c15; margin: 0; }
  main { max-width: 30rem; margin: 8vh auto; background: #fff; padding: 2rem; border-radius: 12px; box-shadow: 0 1px 6px #0002; }
  h1 { font-size: 1.3rem; margin: 0 0 .5rem; }
  small { color: #6b6259; overflow-wrap: anywhere; }
  label { display: block; margin: 1.2rem 0; font-weight: 600; }
  select { display: block; width: 100%; margin-top: .3rem; padding: .5rem; font: inherit; }
  button { font: inherit; padding: .6rem 1.6rem; border-radius: 999px; border: 1px solid #241c15; background: #fff; cursor: pointer; margin-right: .6rem; }
  button.primary { background: #ffe01b; }
  button:focus-visible, select:focus-visible { outline: 3px solid #007c89; outline-offset: 2px; }
</style>
</head>
<body><main>${body}</main></body>
</html>
`;

/** The page on which a person lets an app into an account. */
export function consentPage(asked: Asked, accounts: readonly Account[]): string {
  const hidden = (name: string, value: string): string => `<input type="hidden" name="${name}" value="${escape(value)}">`;
  const [only] = accounts;
  const choice =
    accounts.length === 1 && only !== undefined
      ? `${hidden('account_id', only.id)}<p>Account: <strong>${escape(only.name)}</strong><br><small>${escape(only.email)}</small></p>`
      : `<label>Account <select name="account_id">${accounts
          .map((account) => `<option value="${escape(account.id)}">${escape(`${account.name} (${account.email})`)}</option>`)
          .join('')}</select></label>`;
  return page(
    'Authorize an app',
    `<h1>Allow this app to use your Mailchimp account?</h1>
<p><small>This is a local simulator; nothing leaves your machine.</small></p>
<form method="post" action="/oauth2/authorize">
${hidden('response_type', 'code')}${hidden('client_id', asked.clientId)}${hidden('redirect_uri', asked.redirectUri)}${hidden('state', asked.state)}${asked.codeChallenge === null ? '' : hidden('code_challenge', asked.codeChallenge)}
${choice}
<p>App <strong>${escape(asked.clientId)}</strong> will be able to read audiences, see reports and send campaigns. You return to<br><small>${escape(asked.redirectUri)}</small></p>
<p><button class="primary" name="decision" value="approve">Approve</button><button name="decision" value="deny">Deny</button></p>
</form>`,
  );
}

/** What a person sees when an app asks wrongly: there is no safe place to send them back to. */
export const refusalPage = (reason: string): string =>
  page('Authorization refused', `<h1>This authorization cannot go on</h1><p>${escape(reason)}</p>`);
