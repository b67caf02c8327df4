import * as z from 'zod';
import type { Route } from '../../src/contract/route.ts';
import { ROUTES, ROUTE_IDS, type RouteId } from '../../src/contract/routes.ts';
import { runAll } from '../../src/core/shared/run-all.ts';
import type { Client, Input } from './client.ts';
import { parseJson, type Reply } from './http.ts';
import { fieldsOf, type Field } from './request-fields.ts';
import { inputFor, type Belongings } from './valid-input.ts';
import { PLATFORM_IDS } from '../../src/core/shared/platform-id.ts';

export const AT_ONCE = 4;
/** What is an id to one tenant and a word to all: the trail names a connection by its platform, and the service as an actor. */
const SHARED: readonly string[] = [...PLATFORM_IDS, 'system'];
/** The routes that need a credential, and with it a tenant. */
export const tenantRoutes = ROUTE_IDS.map((id): { id: RouteId; route: Route } => ({ id, route: ROUTES[id] })).filter(
  ({ route }) => route.roles !== null,
);

export interface Everything {
  /** What each request answered. */
  readonly replies: ReadonlyMap<string, Reply>;
  readonly ids: readonly string[];
  readonly emails: readonly string[];
  readonly cursors: readonly string[];
}

/** All that a caller can read: every GET route, and those with a path field once for each thing found. */
export async function readEverything(client: Client, own: Belongings): Promise<Everything> {
  const replies = new Map<string, Reply>();
  const ask = async (id: RouteId, input: Input): Promise<void> => {
    replies.set(`${id} ${JSON.stringify(input)}`, await client.reply(id, input));
  };
  const readable = tenantRoutes.filter(({ route }) => route.method === 'GET');
  const cursors: string[] = [];
  await runAll(
    readable.filter(({ id, route }) => namesIn(id, route).length === 0),
    AT_ONCE,
    async ({ id, route }) => {
      const { input } = inputFor(id, route, own);
      if (route.query?.shape['limit'] === undefined) return ask(id, input);
      await ask(id, { ...input, query: { limit: 1000 } });
      const page = nextCursor.safeParse(parseJson((await client.reply(id, { ...input, query: { limit: 1 } })).text));
      if (page.success) cursors.push(page.data.nextCursor);
    },
  );
  const found = [...replies.values()].map(({ text }) => parseJson(text));
  const ids = [...new Set([...own.ids, ...found.flatMap((json) => valuesOf(json, /^id$|Ids?$/))])].filter(
    (id) => !SHARED.includes(id),
  );
  const emails = [...new Set(found.flatMap((json) => valuesOf(json, /email$/i)))];
  const named = readable.flatMap(({ id, route }) =>
    namesIn(id, route).flatMap((field) =>
      (field.kind === 'email' ? emails : ids).map((value) => ({ id, ...inputFor(id, route, own, { field, value }) })),
    ),
  );
  await runAll(
    named.filter(({ isValid }) => isValid),
    AT_ONCE,
    ({ id, input }) => ask(id, input),
  );
  return { replies, ids, emails, cursors };
}

const nextCursor = z.object({ nextCursor: z.string() });
const namesIn = (id: string, route: Route): Field[] =>
  fieldsOf(id, route).filter(({ place, kind }) => place === 'params' && (kind === 'id' || kind === 'email'));

/** The texts under the names that fit, at any depth. */
function valuesOf(json: unknown, name: RegExp): string[] {
  if (Array.isArray(json)) return json.flatMap((inner: unknown) => valuesOf(inner, name));
  const object = z.record(z.string(), z.unknown()).safeParse(json);
  if (!object.success) return [];
  return Object.entries(object.data).flatMap(([key, value]) =>
    typeof value === 'string' && name.test(key) ? [value] : valuesOf(value, name),
  );
}
