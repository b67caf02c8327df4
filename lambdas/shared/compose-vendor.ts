import * as z from 'zod';
import { MAILCHIMP_LOGIN_URL, TOKEN_STORE_KINDS, WEBHOOK_PATH } from '../../src/contract/manifest.ts';
import type { OAuthPlatform } from '../../src/core/email-platform/email-platform.ts';
import { AppError } from '../../src/core/shared/app-error.ts';
import { MINUTE } from '../../src/core/shared/clock.ts';
import type { PlatformId } from '../../src/core/shared/platform-id.ts';
import { openMailchimpOAuth } from '../../src/providers/mailchimp/mailchimp-oauth.ts';
import { contactIdsOf, openPlatform } from '../../src/providers/registry.ts';
import { optionalEnv, requireEnv } from '../../src/runtime/env.ts';
import { makeResolveHost } from '../../src/runtime/resolve-host.ts';
import { makeEnvelopeTokenPlace, makeKmsClient } from '../../src/storage/envelope-token-place.ts';
import { makeSecretTokenPlace } from '../../src/storage/secret-token-place.ts';
import { cachedSecret } from '../../src/storage/secrets.ts';
import { makeTokenStore } from '../../src/storage/token-store.ts';
import { composeQueues } from './compose-queues.ts';
import { composeStorage, type StorageApp } from './compose-storage.ts';

const withoutSlash = (url: string): string => url.replace(/\/+$/, '');
const TOKEN_STORES = z.enum(TOKEN_STORE_KINDS);
const mailchimpApp = z.object({ clientId: z.string().min(1), clientSecret: z.string().min(1) });

const appIsMissing = (): AppError =>
  new AppError('connection_failed', 'The Mailchimp app of this deployment is not set up.', {
    reason: 'The secret of the Mailchimp app holds no clientId and clientSecret yet.',
    fix: 'An operator has to put the id and secret of the Mailchimp app into the secret named by the output MailchimpAppSecretArn.',
  });

/** Both places, so that a change of the setting changes every token over at its next read. */
function composeTokens({ clock, secrets, stage }: StorageApp) {
  const secret = makeSecretTokenPlace(secrets, stage);
  const envelope = makeEnvelopeTokenPlace(makeKmsClient(), requireEnv('TOKEN_KEY_ID'));
  return TOKEN_STORES.parse(requireEnv('TOKEN_STORE')) === 'envelope'
    ? makeTokenStore(clock, envelope, secret)
    : makeTokenStore(clock, secret, envelope);
}

/** Everything: for the functions that call vendors. */
export function composeVendor() {
  const storage = composeStorage();
  const { clock } = storage;
  const override = optionalEnv('MAILCHIMP_API_HOST_OVERRIDE');
  const mailchimp = {
    loginUrl: withoutSlash(optionalEnv('MAILCHIMP_LOGIN_URL') ?? MAILCHIMP_LOGIN_URL),
    apiHostOverride: override === undefined ? undefined : withoutSlash(override),
  };
  const readApp = cachedSecret(storage.secrets, optionalEnv('MAILCHIMP_APP_SECRET_ID') ?? '', mailchimpApp, clock, 5 * MINUTE);
  const oauth = {
    mailchimp: openMailchimpOAuth({
      clock,
      hosts: mailchimp,
      app: (how) =>
        readApp(how).catch((error: unknown) => {
          throw error instanceof z.ZodError || error instanceof SyntaxError ? appIsMissing() : error;
        }),
    }),
  } satisfies Record<PlatformId, OAuthPlatform>;
  return {
    ...storage,
    ...composeQueues(),
    tokens: composeTokens(storage),
    openPlatform: openPlatform({ clock, mailchimp }),
    contactIdsOf,
    oauth: (platform: PlatformId) => oauth[platform],
    sleep: (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms)),
    random: Math.random,
    resolveHost: makeResolveHost(),
    config: {
      publicBaseUrl: withoutSlash(requireEnv('PUBLIC_BASE_URL')),
      deploymentId: storage.deploymentId,
      webhookPath: WEBHOOK_PATH,
      pkce: optionalEnv('OAUTH_PKCE') !== 'off',
      returnUrls: (optionalEnv('RETURN_URLS') ?? '').split(',').filter(Boolean),
    },
  };
}
export type VendorApp = ReturnType<typeof composeVendor>;
