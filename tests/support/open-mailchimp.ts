import type { EmailPlatform } from '../../src/core/email-platform/email-platform.ts';
import { MailchimpClient, type MailchimpClientOptions } from '../../src/providers/mailchimp/mailchimp-client.ts';
import { openMailchimp } from '../../src/providers/mailchimp/mailchimp-platform.ts';
import type { Stub, StubAnswer, StubRequest } from './stub-server.ts';
import { testClock } from './test-clock.ts';

export const TOKEN = 'token-0f3b9c';

/** A client whose host is the stub. */
export const clientOf = (stub: Stub, change: Partial<MailchimpClientOptions> = {}): MailchimpClient =>
  new MailchimpClient({
    token: TOKEN,
    baseUrl: stub.url,
    maxInFlight: 6,
    timeoutMs: 2_000,
    retryWithinMs: 5_000,
    clock: testClock(),
    confirmToken: () => Promise.resolve(stub.url),
    onRefused: () => undefined,
    onEndpointMoved: () => Promise.resolve(),
    fixedHost: false,
    until: Infinity,
    ...change,
  });

/** The platform over a stub that also plays the login host. */
export const platformOf = (stub: Stub): EmailPlatform =>
  openMailchimp({
    platform: 'mailchimp',
    token: TOKEN,
    apiEndpoint: 'https://us7.api.mailchimp.com',
    lane: 'sync',
    until: testClock().now() + 60_000,
    clock: testClock(),
    hosts: { loginUrl: stub.url, apiHostOverride: stub.url },
    onRefused: () => undefined,
    onEndpointMoved: () => Promise.resolve(),
  });

/** Metadata of a living token, whose account is at the stub. */
export const metadataAnswer = (stub: Stub): StubAnswer => ({
  status: 200,
  json: { dc: 'us7', api_endpoint: stub.url, accountname: 'Harbor Lane Bakery', login: { login_id: 309914207 }, role: 'owner' },
});

/** Answers metadata by itself and hands every other request on. */
export const withMetadata =
  (stub: () => Stub, answer: (request: StubRequest) => StubAnswer) =>
  (request: StubRequest): StubAnswer =>
    request.path === '/oauth2/metadata' ? metadataAnswer(stub()) : answer(request);

export const problem = (status: number, title: string, detail = ''): StubAnswer => ({
  status,
  json: { type: 'https://mailchimp.com/developer/marketing/docs/errors/', title, status, detail, instance: 'i-1' },
});
