import { describe, expect, test } from '@jest/globals';
import { makeRouter } from '../../local/stack/http/match-route.ts';

// The less precise first: the order in which routes are written must not matter.
const match = makeRouter(
  [
    { method: 'GET', path: '/hooks/{proxy+}', fn: 'greedy' },
    { method: 'GET', path: '/hooks/own/{proxy+}', fn: 'longer' },
    { method: 'GET', path: '/hooks', fn: 'bare' },
    { method: 'ANY', path: '/things/{id}', fn: 'any' },
    { method: 'GET', path: '/things/{id}', fn: 'one' },
    { method: 'GET', path: '/things/all', fn: 'all' },
    { method: 'GET', path: '/things/{id}/parts/{part}', fn: 'part' },
  ],
  'fallback',
);

describe('routing as API Gateway does it', () => {
  test.each([
    ['a literal before a parameter', 'GET', '/things/all', 'all', undefined],
    ['a parameter', 'GET', '/things/7', 'one', { id: '7' }],
    ['the method itself before ANY', 'POST', '/things/7', 'any', { id: '7' }],
    ['several parameters, decoded', 'GET', '/things/a%2Fb/parts/x%20y', 'part', { id: 'a/b', part: 'x y' }],
    ['a greedy parameter, to the end of the path', 'GET', '/hooks/a/b', 'greedy', { proxy: 'a/b' }],
    ['a path before its own greedy route', 'GET', '/hooks', 'bare', undefined],
    ['a trailing slash, by a greedy route above it', 'GET', '/hooks/a/', 'greedy', { proxy: 'a/' }],
    ['the longer of two greedy routes', 'GET', '/hooks/own/b/', 'longer', { proxy: 'b/' }],
    ['the shorter, where the longer has no rest', 'GET', '/hooks/own/', 'greedy', { proxy: 'own/' }],
    ['no greedy parameter for nothing', 'GET', '/hooks/', 'fallback', undefined],
    ['no parameter for an empty segment', 'GET', '/things/', 'fallback', undefined],
    ['another method', 'DELETE', '/hooks', 'fallback', undefined],
    ['a path that is not there', 'GET', '/elsewhere', 'fallback', undefined],
  ])('%s', (_what, method, path, fn, pathParameters) => {
    expect(match(method, path)).toMatchObject({ fn, pathParameters });
  });

  test('names the route as API Gateway does', () => {
    expect([match('GET', '/things/7').routeKey, match('GET', '/none').routeKey]).toEqual(['GET /things/{id}', '$default']);
  });
});
