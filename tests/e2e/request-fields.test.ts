import { describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { READERS, type Route } from '../../src/contract/route.ts';
import { idSchema } from '../../src/core/shared/ids.ts';
import { fieldsOf } from './request-fields.ts';
import { inputFor } from './valid-input.ts';

const route = (more: Partial<Route>): Route => ({
  method: 'POST',
  path: '/v1/parcels',
  fn: 'api-write',
  roles: READERS,
  summary: 'A route of tomorrow',
  answer: { status: 200, schema: null },
  errors: [],
  ...more,
});
const own = { apiUrl: 'http://api.test', ids: ['aud_0123456789abcdef'], email: 'a@b.test', session: {} };

describe('the fields of a new route', () => {
  it('are found at any depth and told apart', () => {
    const body = z.strictObject({
      parcels: z.array(z.object({ boxId: z.string().nullable(), weight: z.number(), marker: idSchema('audience') })),
      kinds: z.enum(['big', 'small']).optional(),
      email: z.string().optional(),
    });
    const found = fieldsOf('sendParcels', route({ body }));
    expect(found.map(({ path, kind }) => `${path.join('.')} ${kind}`)).toEqual([
      'parcels.[].boxId id',
      'parcels.[].weight closed',
      'parcels.[].marker id',
      'kinds closed',
      'email email',
    ]);
    const [boxId] = found;
    const substitute = boxId && { field: boxId, value: 'foreign' };
    expect(inputFor('sendParcels', route({ body }), own, substitute)).toEqual({
      input: { body: { parcels: [{ boxId: 'foreign', weight: 1, marker: 'aud_0123456789abcdef' }] } },
      isValid: true,
    });
  });

  it.each<[string, Partial<Route>, RegExp]>([
    ['a text nobody judged', { body: z.strictObject({ box: z.string() }) }, /sendParcels: can body\.box name something/],
    ['a map', { body: z.strictObject({ boxes: z.record(z.string(), z.string()) }) }, /body\.boxes/],
    ['alternatives', { query: z.strictObject({ box: z.union([z.string(), z.number()]) }) }, /query\.box/],
    ['a path field without a schema', { path: '/v1/parcels/{box}' }, /give \{box\} a schema/],
  ])('are refused when they are not known: %s', (_, more, message) => {
    expect(() => fieldsOf('sendParcels', route(more))).toThrow(message);
  });

  it.each<[string, Partial<Route>, RegExp]>([
    ['no example fits', { body: z.strictObject({ name: z.string().min(50) }) }, /no request of body\.name fits/],
    ['nothing of that kind is owned', { params: z.object({ id: idSchema('key') }) }, /owns nothing that fits params\.id/],
  ])('are refused when %s', (_, more, message) => {
    expect(() => inputFor('sendParcels', route(more), own)).toThrow(message);
  });
});
