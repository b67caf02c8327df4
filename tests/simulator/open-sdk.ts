import { createRequire } from 'node:module';
import type { Opened } from './open-simulator.ts';

/** Calls the vendor's client library by the names of a resource and its method. */
export type Sdk = (resource: string, method: string, ...args: unknown[]) => Promise<unknown>;

/** An own instance of the vendor's client library, which otherwise is one per process. */
export function openSdk({ url, token }: Opened, credentials: 'accessToken' | 'apiKey' = 'accessToken'): Sdk {
  const shared: unknown = createRequire(import.meta.url)('@mailchimp/mailchimp_marketing');
  if (typeof shared !== 'object' || shared === null) throw new Error('The client library has changed its shape');
  const made: unknown = Reflect.construct(shared.constructor, []);
  const client = member(made, '');
  Reflect.set(client, 'basePath', `${url}/3.0`);
  invoke(client, 'setConfig', [{ [credentials]: token }]);
  return async (resource, method, ...args) => {
    const answer: unknown = await invoke(member(client, resource), method, args);
    return answer;
  };
}

function member(owner: unknown, name: string): object {
  const value: unknown = name === '' || typeof owner !== 'object' || owner === null ? owner : Reflect.get(owner, name);
  if (typeof value !== 'object' || value === null) throw new Error(`The client library has no ${name}`);
  return value;
}

function invoke(owner: object, name: string, args: unknown[]): unknown {
  const method: unknown = Reflect.get(owner, name);
  if (typeof method !== 'function') throw new Error(`The client library has no ${name}`);
  return Reflect.apply(method, owner, args);
}
