/** What routing needs to know of a route of the contract. */
export interface RouteSpec<F extends string = string> {
  method: string;
  path: string;
  fn: F;
}

export interface RouteMatch<F extends string> {
  fn: F;
  /** API Gateway's name of the route: `GET /v1/x/{id}`, or `$default`. */
  routeKey: string;
  pathParameters: Record<string, string> | undefined;
}

export type MatchRoute<F extends string> = (method: string, path: string) => RouteMatch<F>;

/** How precisely a segment of a route names a path; routes are compared segment by segment. */
const rank = (segment: string): number => (segment.startsWith('{') ? (segment.endsWith('+}') ? 1 : 2) : 3);

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** The parameters of `path` under the route's segments, or nothing when they do not fit. */
function fit(segments: readonly string[], path: readonly string[]): Record<string, string> | undefined {
  const parameters: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    const given = path[index];
    if (given === undefined) return undefined;
    if (rank(segment) === 1) {
      const rest = path.slice(index).map(decode).join('/');
      if (rest === '') return undefined;
      parameters[segment.slice(1, -2)] = rest;
      return parameters;
    }
    if (rank(segment) === 2 && given !== '') parameters[segment.slice(1, -1)] = decode(given);
    else if (segment !== given) return undefined;
  }
  return segments.length === path.length ? parameters : undefined;
}

/**
 * Makes a router with API Gateway's priorities: a literal segment before a parameter before a greedy parameter, then the
 * method itself before ANY, and `$default` for the rest.
 */
export function makeRouter<F extends string>(routes: readonly RouteSpec<F>[], fallback: F): MatchRoute<F> {
  const compiled = routes.map((route) => ({ ...route, segments: route.path.split('/').slice(1) }));
  compiled.sort((a, b) => {
    for (let index = 0; index < Math.max(a.segments.length, b.segments.length); index += 1) {
      const [left, right] = [a.segments[index], b.segments[index]];
      const difference = (right === undefined ? 0 : rank(right)) - (left === undefined ? 0 : rank(left));
      if (difference !== 0) return difference;
    }
    return Number(a.method === 'ANY') - Number(b.method === 'ANY');
  });
  return (method, path) => {
    const given = path.split('/').slice(1);
    for (const route of compiled) {
      if (route.method !== method && route.method !== 'ANY') continue;
      const parameters = fit(route.segments, given);
      if (parameters === undefined) continue;
      const any = Object.keys(parameters).length > 0;
      return { fn: route.fn, routeKey: `${route.method} ${route.path}`, pathParameters: any ? parameters : undefined };
    }
    return { fn: fallback, routeKey: '$default', pathParameters: undefined };
  };
}
