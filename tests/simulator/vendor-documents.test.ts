import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { API_PREFIX, API_ROUTES } from '../../local/simulator/api.ts';
import { oauthRoutes } from '../../local/simulator/oauth.ts';
import { oauthCalls, openOAuth, openPlatform, platformCalls } from './oracle/client-calls.ts';
import { EXCEPTIONS } from './oracle/exceptions.ts';
import { ROUTE_TYPES } from './oracle/route-types.ts';
import { openSwagger, SWAGGER_VARIABLE } from './oracle/swagger-document.ts';
import { tour } from './oracle/tour.ts';
import { openVendorTypes } from './oracle/vendor-types.ts';
import { ExchangeWatch, openDocuments } from './oracle/watch-exchanges.ts';
import { openSimulator, testClock } from './open-simulator.ts';
import { openReceiver, type Receiver } from './receiver.ts';

const routes = [
  ...API_ROUTES.map(({ method, path }) => `${method} ${API_PREFIX}${path}`),
  ...oauthRoutes.map(({ method, path }) => `${method} ${path}`),
];
/** The first two belong to campaigns that the simulator does not make, the last one exists only where its quirk is off. */
const ALWAYS_REFUSED = [
  'POST /3.0/campaigns/{campaign_id}/actions/pause',
  'POST /3.0/campaigns/{campaign_id}/actions/resume',
  'POST /oauth2/revoke',
];

const methodsOf = (port: object): string[] =>
  Object.entries(port).flatMap(([name, value]: [string, unknown]) => (typeof value === 'function' ? [name] : []));

async function callAll(calls: Readonly<Record<string, () => Promise<unknown>>>): Promise<void> {
  for (const [name, run] of Object.entries(calls)) {
    await run().catch((error: unknown) => {
      throw new Error(`${name} failed`, { cause: error });
    });
  }
}

describe("Mailchimp's own documents", () => {
  let receiver: Receiver;
  let ofTour: ExchangeWatch;
  let ofClient: ExchangeWatch;

  beforeAll(async () => {
    receiver = await openReceiver();
    ofTour = new ExchangeWatch(await openDocuments());
    ofClient = new ExchangeWatch(await openDocuments());
  });
  afterAll(() => receiver.close());

  it('have a row in the table of types for every route, and no row for another', () => {
    expect(Object.keys(ROUTE_TYPES).sort()).toEqual(routes.sort());
  });

  it('have a word on every body that a route takes', () => {
    const takesBody = ([route]: [string, unknown]): boolean => /^(POST|PUT|PATCH) /.test(route);
    const rows = Object.entries(ROUTE_TYPES);
    expect(rows.filter((row) => takesBody(row) !== (row[1].request !== undefined)).map(([route]) => route)).toEqual([]);
  });

  it('know every type that the table names', async () => {
    const { names } = await openVendorTypes();
    const named = Object.values(ROUTE_TYPES).flatMap(({ answer, request }) => [answer, request]);
    expect(named.filter((name) => typeof name === 'string' && !names.includes(name))).toEqual([]);
  });

  it('allow what every route answers, in a tour of all of them', async () => {
    const clock = testClock();
    const opened = await openSimulator({ clock, observe: (exchange) => ofTour.see(exchange, 'all') });
    await tour({ opened, clock, hookUrl: `${receiver.url}/tour` });
    await opened.close();
    expect(ofTour.findings).toEqual([]);
    expect([...ofTour.answered, ...ALWAYS_REFUSED].sort()).toEqual(routes.sort());
  });

  it("allow every request of the service's own client", async () => {
    const clock = testClock();
    const opened = await openSimulator({ clock, observe: (exchange) => ofClient.see(exchange, 'all') });
    const platform = openPlatform(opened, clock);
    const calls = platformCalls(platform, opened, clock, `${receiver.url}/client`);
    expect(Object.keys(calls).sort()).toEqual(methodsOf(platform).sort());
    await callAll(calls);
    const oauth = openOAuth(opened, clock);
    expect(Object.keys(oauthCalls(oauth)).sort()).toEqual(methodsOf(oauth).sort());
    await callAll(oauthCalls(oauth));
    await opened.close();
    expect(ofClient.findings).toEqual([]);
  });

  const excused = (oracle: string): string[] =>
    [...new Set([...ofTour.excused, ...ofClient.excused])].filter((line) => line.startsWith(`${oracle} `)).sort();
  const excepted = (oracle: string): string[] =>
    EXCEPTIONS.flatMap((exception) => (exception.oracle === oracle ? [`${oracle} ${exception.rule}`] : [])).sort();

  it('are excepted from only where they must be', () => {
    expect(excused('types')).toEqual(excepted('types'));
  });

  const swagger = openSwagger();
  (swagger === undefined ? it.skip : it)(
    `include a Swagger document, which knows every route too (set ${SWAGGER_VARIABLE} to the path of a copy of Mailchimp's Swagger 2.0 document to check against it, in all suites of the simulator)`,
    () => {
      const ofApi = API_ROUTES.filter(({ method, path }) => swagger?.route(method, `${API_PREFIX}${path}`) === undefined);
      expect(ofApi.map(({ method, path }) => `${method} ${path}`)).toEqual([]);
      expect(excused('swagger')).toEqual(excepted('swagger'));
    },
  );
});
