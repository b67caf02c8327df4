import { LANES, type Lane } from '../../src/core/connection/use-platform.ts';
import { SECOND } from '../../src/core/shared/clock.ts';
import { DOCS_URL, ENDPOINT_NAMES, ENDPOINTS, type Endpoint, type Repetition } from '../../src/providers/mailchimp/endpoints.ts';
import { RETRIES } from '../../src/providers/mailchimp/mailchimp-client.ts';
import { TIMING } from '../../src/providers/mailchimp/mailchimp-platform.ts';
import { PAGE_PATIENCE_MS } from '../../src/providers/mailchimp/page-size.ts';
import { markdownTable, type Figures } from '../figures.ts';
import type { Counts, Measured } from './measure-calls.ts';
import { SIZES } from './open-tenant.ts';

const REPEATED: Readonly<Record<Repetition, string>> = {
  safe: 'yes',
  unread: 'after a 429 with a body',
  never: 'never',
};
const seconds = (ms: number): string => `${ms / SECOND} s`;

const endpointsTable = (): string =>
  markdownTable(
    ['endpoint', 'call', 'for', 'repeated', 'why', 'waits', 'made by'],
    ENDPOINT_NAMES.map((name) => {
      const { method, host, path, purpose, repeat, because, timeoutMs, resource, docs }: Endpoint = ENDPOINTS[name];
      const waits = timeoutMs === undefined ? 'as its lane' : seconds(timeoutMs);
      const call = `[\`${method} ${path}\`](${DOCS_URL}${docs})${host === 'login' ? ' at the login host' : ''}`;
      return [`\`${name}\``, call, purpose, REPEATED[repeat], because, waits, `\`mailchimp-${resource}.ts\``];
    }),
  );

const LIMITS: readonly (readonly [name: string, of: (lane: Lane) => string])[] = [
  ['calls in flight, of one piece of work', (lane) => String(LANES[lane])],
  ['one call waits at most', (lane) => seconds(TIMING[lane].timeoutMs)],
  [
    'a page of those who left or complained, before half of it is asked for',
    (lane) => (lane === 'sync' ? seconds(PAGE_PATIENCE_MS) : ''),
  ],
  ['a call is made in all, at most', () => `${RETRIES.most} times`],
  ['it is repeated within', (lane) => seconds(TIMING[lane].retryWithinMs)],
  ['pause before the first repetition, at most', () => seconds(RETRIES.firstDelayMs)],
  ['pause before the others, doubled each time, at most', () => seconds(RETRIES.longestDelayMs)],
];

const limitsTable = (): string =>
  markdownTable(
    ['', 'somebody waits (`interactive`)', 'nobody waits (`sync`)'],
    LIMITS.map(([name, of]) => [name, of('interactive'), of('sync')]),
  );

const totalOf = (counts: Counts): number => Object.values(counts).reduce((sum, count) => sum + count, 0);

const flowsTable = (measured: Measured): string =>
  markdownTable(
    ['what happens', 'calls, small account', 'calls, large account'],
    Object.entries(measured).map(([flow, { small, large }]) => [flow, String(totalOf(small)), String(totalOf(large))]),
  );

/** One row for each endpoint and flow. */
const callsTable = (measured: Measured): string =>
  markdownTable(
    ['endpoint', 'where', 'small account', 'large account'],
    ENDPOINT_NAMES.flatMap((name) =>
      Object.entries(measured)
        .filter(([, { small, large }]) => (small[name] ?? 0) + (large[name] ?? 0) > 0)
        .map(([flow, { small, large }]) => [`\`${name}\``, flow, String(small[name] ?? 0), String(large[name] ?? 0)]),
    ),
  );

const sizesTable = (): string =>
  markdownTable(
    ['account', 'audiences', 'subscribed, unsubscribed, cleaned in each', 'campaigns sent'],
    Object.entries(SIZES).map(([size, { audiences, members, campaigns }]) => [
      size,
      String(audiences),
      Object.values(members).join(', '),
      String(campaigns),
    ]),
  );

/** The marked parts of `docs/mailchimp-calls.md` that are in the code. */
export const codeFigures = (): Figures => ({ endpoints: endpointsTable(), limits: limitsTable(), accounts: sizesTable() });

/** The marked parts that are measured. */
export const callFigures = (measured: Measured): Figures => ({ flows: flowsTable(measured), calls: callsTable(measured) });
