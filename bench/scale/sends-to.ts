/**
 * A client of AWS whose commands end somewhere else; the rest of it is the client's own. Making a client is costly, so many stand
 * before one.
 */
export const sendsTo = <T extends object>(client: T, send: (command: object) => Promise<unknown>): T =>
  new Proxy(client, {
    get: (target, name): unknown => (name === 'send' ? send : Reflect.get(target, name)),
  });
