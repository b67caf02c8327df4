import { createRequire } from 'node:module';
import type { Opened } from './open-simulator.ts';
import { OPERATIONS, type VendorClient } from './vendor-operations.ts';

/**
 * The client library `mailchimp-api-v3`, which knows paths only. It takes the name of a data centre but no address, so
 * that it is aimed by the one field that keeps it.
 */
export function openApiV3({ url, token }: Opened): VendorClient {
  const Library: unknown = createRequire(import.meta.url)('mailchimp-api-v3');
  if (typeof Library !== 'function') throw new Error('The client library has changed its shape');
  const client: unknown = Reflect.construct(Library, [token, 'us7']);
  if (typeof client !== 'object' || client === null || !Reflect.has(client, '__base_url')) {
    throw new Error('The client library keeps its address elsewhere');
  }
  Reflect.set(client, '__base_url', `${url}/3.0`);
  return async (operation, ids = [], given = {}) => {
    const [method, path] = OPERATIONS[operation].http;
    const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
    const path_params = Object.fromEntries(names.map((name, index) => [name, ids[index]]));
    const request: unknown = Reflect.get(client, method.toLowerCase());
    if (typeof request !== 'function') throw new Error(`The client library has no ${method}`);
    const options = { path, path_params, ...(method === 'GET' ? { query: given } : { body: given }) };
    const answer: unknown = await Reflect.apply(request, client, [options]);
    return answer;
  };
}
