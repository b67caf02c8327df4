import { receiveConsent } from '../../src/core/connection/connect.ts';
import type { VendorApp } from '../shared/compose-vendor.ts';
import { handlePublic } from '../shared/route-handler.ts';
import { platformIdSchema } from '../../src/core/shared/platform-id.ts';
import { pageHeaders } from '../shared/security-headers.ts';

const STYLE = 'body{font:16px/1.5 system-ui;max-width:36rem;margin:4rem auto;padding:0 1rem}';
const UNKNOWN_STATE = `<!doctype html><html lang="en"><meta charset="utf-8"><title>This link is no longer valid</title>
<style>${STYLE}</style><body><h1>This link is no longer valid</h1>
<p>It was used already, is older than 10 minutes, or was not made by this service. Nothing was changed.</p>
<p>Go back to Settings, Integrations and choose Connect Mailchimp again.</p></body></html>`;

/** Only a state that this service made may say where the browser goes; anything else gets a page of our own. */
export const oauthCallback = handlePublic(async ({ event }, app: VendorApp) => {
  const platform = platformIdSchema.safeParse(event.pathParameters?.['platform']);
  const { state, code, error } = event.queryStringParameters ?? {};
  const location =
    platform.success && state ? await receiveConsent(app, { platform: platform.data, state, code, error }) : undefined;
  if (!location) {
    return { status: 400, body: UNKNOWN_STATE, contentType: 'text/html', headers: pageHeaders(STYLE) };
  }
  return { status: 303, headers: { location } };
});
