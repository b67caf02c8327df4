import type { Route } from './api-call.ts';

export type Match<H> =
  | { readonly kind: 'found'; readonly route: Route<H>; readonly params: Record<string, string> }
  | { readonly kind: 'wrong-method'; readonly allow: readonly string[]; readonly path: string }
  | { readonly kind: 'unknown' };

/** Finds the route of a path; literal segments win over parameters because they are listed first. */
export function match<H>(routes: readonly Route<H>[], method: string, path: string): Match<H> {
  const segments = split(path);
  const allow: string[] = [];
  let pattern = '';
  for (const route of routes) {
    const params = paramsOf(split(route.path), segments);
    if (params === undefined) continue;
    if (route.method === method) return { kind: 'found', route, params };
    allow.push(route.method);
    pattern = route.path;
  }
  return allow.length > 0 ? { kind: 'wrong-method', allow, path: pattern } : { kind: 'unknown' };
}

const split = (path: string): string[] => path.split('/').filter((segment) => segment !== '');

function paramsOf(pattern: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  if (pattern.length !== segments.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, expected] of pattern.entries()) {
    const given = segments[index] ?? '';
    if (expected.startsWith('{')) params[expected.slice(1, -1)] = decode(given);
    else if (expected !== given) return undefined;
  }
  return params;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
