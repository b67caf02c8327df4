import { ROUTE_IDS, ROUTES } from './routes.ts';
import type { Method, Route } from './route.ts';

/** Methods that a route can be called with by a script; the webhooks' `ANY` is for Mailchimp alone. */
export type CorsMethod = Exclude<Method, 'ANY'>;

const methods = ROUTE_IDS.flatMap((id): CorsMethod[] => {
  const { method }: Route = ROUTES[id];
  return method === 'ANY' ? [] : [method];
});

/**
 * What a script of the console's origin may send and see. Which origins those are is the deployment's to say; never `*`, and no
 * credentials of the browser, since callers present theirs in a header.
 */
export const CORS = {
  methods: [...new Set(methods)].toSorted(),
  requestHeaders: ['authorization', 'content-type', 'idempotency-key'],
  /** Beyond those that a script may always see: pages of a list, when to come again, a file's name, the id to ask us about, and whether it is a repetition. */
  answerHeaders: ['apigw-requestid', 'content-disposition', 'idempotent-replay', 'link', 'retry-after'],
  /** The longest that Chromium remembers a preflight. */
  maxAgeSeconds: 7200,
} as const;
