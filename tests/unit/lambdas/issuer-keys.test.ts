import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createServer } from 'node:net';
import * as z from 'zod';
import { HOUR, SECOND } from '../../../src/core/shared/clock.ts';
import { TENANT } from '../../support/factories.ts';
import { asJwk, byRsa, makeToken, rsaPair, type Issuer } from '../../support/open-issuer.ts';
import { openPeople, REFUSED, RS256, SILENT, type People } from '../../support/open-people.ts';

const stranger = rsaPair();

let people: People;
beforeEach(async () => {
  people = await openPeople();
});
afterEach(() => people.issuer.close());

describe('the keys of the issuer', () => {
  it('are asked for as JSON', async () => {
    await people.verifier()(people.token(), people.clock.now());
    expect(people.issuer.stub.requests.map(({ headers }) => headers.accept)).toEqual(['application/json', 'application/json']);
  });

  it.each([
    ['that ends in a slash', () => `${people.issuer.url}/`],
    ['that is this machine by name', () => people.issuer.url.replace('127.0.0.1', 'localhost')],
  ])('are found at an issuer %s', async (_, name) => {
    const iss = name();
    const { answer } = people.issuer.stub;
    people.issuer.stub.answer = (request) =>
      request.path === '/.well-known/openid-configuration'
        ? { status: 200, json: { issuer: iss, jwks_uri: `${people.issuer.url}/keys` } }
        : answer(request);
    expect(await people.verifier({ issuer: iss })(people.token({ iss }), people.clock.now())).toMatchObject({ tenantId: TENANT });
  });

  it('are taken up to 256 KB, and no further', async () => {
    const keys = JSON.stringify({ keys: people.issuer.keys });
    const padded = (bytes: number) => keysAs(() => ({ status: 200, text: keys.padEnd(bytes) }));
    const { answer } = people.issuer.stub;
    people.issuer.stub.answer = padded(256 * 1024);
    expect(await people.verifier()(people.token(), people.clock.now())).toMatchObject({ tenantId: TENANT });
    people.issuer.stub.answer = answer;
    people.issuer.stub.answer = padded(256 * 1024 + 1);
    await expect(people.verifier()(people.token(), people.clock.now())).rejects.toMatchObject(SILENT);
  });

  it('are found once and then remembered', async () => {
    const verify = people.verifier();
    for (let i = 0; i < 3; i++) await verify(people.token(), people.clock.now());
    expect([people.asked('/.well-known/openid-configuration'), people.asked('/keys')]).toEqual([1, 1]);
  });

  it('may be at an address that is given', async () => {
    await people.verifier({ jwksUrl: `${people.issuer.url}/keys` })(people.token(), people.clock.now());
    expect(people.asked('/.well-known/openid-configuration')).toBe(0);
  });

  it('may change: a new one is found by the first token it signs', async () => {
    const verify = people.verifier();
    await verify(people.token(), people.clock.now());
    people.issuer.keys.push(asJwk(stranger.publicKey, 'rsa-2', 'RS256'));
    const signed = makeToken({ ...RS256, kid: 'rsa-2' }, people.claims(), byRsa(stranger.privateKey));
    expect(await verify(signed, people.clock.now())).toMatchObject({ tenantId: TENANT });
  });

  it('are not asked for again with every unknown key id', async () => {
    const verify = people.verifier();
    const unknown = makeToken({ ...RS256, kid: 'x' }, people.claims(), byRsa(people.issuer.rsa.privateKey));
    for (let i = 0; i < 5; i++) await expect(verify(unknown, people.clock.now())).rejects.toMatchObject(REFUSED);
    expect(people.asked('/keys')).toBe(2);
  });

  it('are not asked for because of what another issuer made', async () => {
    await expect(people.verifier()(people.token({ iss: 'https://other.test' }), people.clock.now())).rejects.toMatchObject(
      REFUSED,
    );
    await expect(people.verifier()('aaaa.bbbb.cccc', people.clock.now())).rejects.toMatchObject(REFUSED);
    expect(people.issuer.stub.requests).toEqual([]);
  });

  it('are trusted for an hour after they were taken back', async () => {
    const verify = people.verifier();
    await verify(people.token(), people.clock.now());
    people.issuer.keys.shift();
    people.clock.advance(HOUR);
    await expect(verify(people.token(), people.clock.now())).rejects.toMatchObject(REFUSED);
  });

  it('serve on while the issuer is silent, but not for a key that nobody has seen', async () => {
    const verify = people.verifier();
    await verify(people.token(), people.clock.now());
    people.issuer.stub.answer = () => 'cut';
    people.clock.advance(HOUR);
    expect(await verify(people.token(), people.clock.now())).toMatchObject({ tenantId: TENANT });
    const unseen = makeToken({ ...RS256, kid: 'rsa-2' }, people.claims(), byRsa(people.issuer.rsa.privateKey));
    await expect(verify(unseen, people.clock.now())).rejects.toMatchObject(SILENT);
  });

  it('are asked for once a minute while the issuer is silent, and serve on', async () => {
    const verify = people.verifier();
    await verify(people.token(), people.clock.now());
    people.issuer.stub.answer = () => 'cut';
    people.clock.advance(HOUR);
    const asks: number[] = [];
    for (const wait of [0, 30 * SECOND, 30 * SECOND - 1, 1]) {
      people.clock.advance(wait);
      const before = people.issuer.stub.requests.length;
      expect(await verify(people.token(), people.clock.now())).toMatchObject({ tenantId: TENANT });
      asks.push(people.issuer.stub.requests.length - before);
    }
    expect(asks).toEqual([1, 0, 0, 1]);
  });

  it('leave everybody waiting, not refused, while they cannot be read, and are asked for every five seconds', async () => {
    const { answer } = people.issuer.stub;
    const verify = people.verifier();
    people.issuer.stub.answer = () => ({ status: 500 });
    for (let i = 0; i < 3; i++) await expect(verify(people.token(), people.clock.now())).rejects.toMatchObject(SILENT);
    expect(people.issuer.stub.requests).toHaveLength(1);
    people.issuer.stub.answer = answer;
    people.clock.advance(5 * SECOND);
    expect(await verify(people.token(), people.clock.now())).toMatchObject({ tenantId: TENANT });
  });

  const discovered = (document: unknown): Issuer['stub']['answer'] => {
    const { answer } = people.issuer.stub;
    return (request) => (request.path === '/keys' ? answer(request) : { status: 200, json: document });
  };
  const keysAs = (keys: Issuer['stub']['answer']): Issuer['stub']['answer'] => {
    const { answer } = people.issuer.stub;
    return (request) => {
      if (request.path === '/moved') return answer({ ...request, path: '/keys' });
      return request.path === '/keys' ? keys(request) : answer(request);
    };
  };
  const broken: [what: string, answer: () => Issuer['stub']['answer']][] = [
    [
      'a document of another issuer',
      () => discovered({ issuer: `${people.issuer.url}/`, jwks_uri: `${people.issuer.url}/keys` }),
    ],
    ['keys without TLS', () => discovered({ issuer: people.issuer.url, jwks_uri: `${elsewhere()}/keys` })],
    ['no address of keys', () => discovered({ issuer: people.issuer.url })],
    ['no JSON', () => () => ({ status: 200, text: '<html>' })],
    [
      'something endless',
      () => keysAs(() => ({ status: 200, text: JSON.stringify({ keys: people.issuer.keys }) + ' '.repeat(300 * 1024) })),
    ],
    ['a redirect', () => keysAs(() => ({ status: 302, headers: { location: `${people.issuer.url}/moved` } }))],
    ['an answer that is no success', () => keysAs(() => ({ status: 203, json: { keys: people.issuer.keys } }))],
    ['no keys', () => keysAs(() => ({ status: 200, json: { keys: 'none' } }))],
  ];
  it.each(broken)('are not taken from %s', async (_, answer) => {
    people.issuer.stub.answer = answer();
    await expect(people.verifier()(people.token(), people.clock.now())).rejects.toMatchObject(SILENT);
  });

  /** Reaches the stub, but by a name that is not known to stay on this machine. */
  const elsewhere = () => people.issuer.url.replace('127.0.0.1', '[::ffff:127.0.0.1]');

  it('are asked for with TLS', async () => {
    const greetings: number[] = [];
    const server = createServer((socket) => {
      socket.once('data', ([first = 0]) => {
        greetings.push(first);
        socket.destroy();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = z.object({ port: z.number() }).parse(server.address());
    // By a name that is not known to stay on this machine.
    const secure = `https://[::ffff:127.0.0.1]:${port}`;
    await expect(people.verifier({ issuer: secure })(people.token({ iss: secure }), people.clock.now())).rejects.toMatchObject(
      SILENT,
    );
    await new Promise((resolve) => server.close(resolve));
    // A handshake record: how every conversation in TLS begins.
    expect(greetings).toEqual([22]);
  });

  it('are never asked for without TLS beyond this machine', async () => {
    const given = people.verifier({ jwksUrl: `${elsewhere()}/keys` });
    await expect(given(people.token(), people.clock.now())).rejects.toMatchObject(SILENT);
    const found = people.verifier({ issuer: elsewhere() });
    await expect(found(people.token({ iss: elsewhere() }), people.clock.now())).rejects.toMatchObject(SILENT);
    const mixed = people.verifier({ issuer: 'https://issuer.example.test', jwksUrl: `${people.issuer.url}/keys` });
    await expect(mixed(people.token({ iss: 'https://issuer.example.test' }), people.clock.now())).rejects.toMatchObject(SILENT);
    expect(people.issuer.stub.requests).toEqual([]);
  });
});
