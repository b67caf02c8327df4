import { describe, expect, it } from '@jest/globals';
import { makeResolveHost } from '../../../src/runtime/resolve-host.ts';

const refuse = (code: string) => () => Promise.reject(Object.assign(new Error(code), { code }));
const answer =
  (...addresses: string[]) =>
  () =>
    Promise.resolve(addresses);

describe('what the DNS says of a host', () => {
  it.each([
    ['public', answer('93.184.216.34'), refuse('ENODATA')],
    ['public', refuse('ETIMEOUT'), answer('2606:2800:220:1:248:1893:25c8:1946')],
    ['public', answer('10.0.0.1', '93.184.216.34'), refuse('ENODATA')],
    ['private', answer('10.0.0.1'), answer('fd00::1')],
    ['private', answer('127.0.0.1'), refuse('ETIMEOUT')],
    ['absent', refuse('ENOTFOUND'), refuse('ENOTFOUND')],
    ['addressless', refuse('ENODATA'), refuse('ENODATA')],
    ['addressless', refuse('ENOTFOUND'), refuse('ENODATA')],
    ['unknown', refuse('ENODATA'), refuse('ETIMEOUT')],
    ['unknown', refuse('ENOTFOUND'), refuse('ETIMEOUT')],
    ['unknown', refuse('ECONNREFUSED'), refuse('ECONNREFUSED')],
    ['unknown', refuse('ESERVFAIL'), refuse('ESERVFAIL')],
    ['unknown', answer(), answer()],
    ['unknown', () => Promise.reject(new TypeError('Bad name.')), refuse('EBADNAME')],
  ])('is %s', async (standing, resolve4, resolve6) => {
    expect(await makeResolveHost({ resolve4, resolve6 })('harborlane.se')).toBe(standing);
  });

  it('is unknown when it is silent', async () => {
    const silence = () => new Promise<string[]>(() => undefined);
    const started = Date.now();
    expect(await makeResolveHost({ resolve4: silence, resolve6: silence })('harborlane.se')).toBe('unknown');
    expect(Date.now() - started).toBeLessThan(3_000);
  });
});
