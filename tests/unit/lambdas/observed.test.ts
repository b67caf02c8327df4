import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { observed } from '../../../lambdas/shared/observed.ts';
import { aContext } from '../../support/http-event.ts';

let printed = '';
beforeEach(() => {
  printed = '';
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
});
afterEach(() => {
  jest.restoreAllMocks();
});

describe('an invocation that throws', () => {
  it('fails all the same, with a line of the list and with nothing of what was thrown', async () => {
    const secret = 'mona@harborlane.test 0a1b2c3d4e5f60718293a4b5c6d7e8f9-us7';
    const handler = observed(
      () => Promise.reject(Object.assign(new TypeError(secret), { tenant: secret })),
      () => 'JKJaXmPLvHcESHA=',
    );
    const thrown: unknown = await handler({}, aContext).catch((error: unknown) => error);
    if (!(thrown instanceof Error)) throw new Error('It did not fail');
    expect([thrown.message, thrown.cause, Object.keys(thrown)]).toEqual([
      'The invocation failed; its line invocation.failed says where.',
      undefined,
      [],
    ]);
    expect(thrown.stack).not.toMatch(/mona|us7/);
    expect(printed).not.toMatch(/mona|us7/);
    expect(JSON.parse(printed)).toMatchObject({
      level: 'error',
      event: 'invocation.failed',
      requestId: 'JKJaXmPLvHcESHA=',
      invocationId: 'invocation-1',
      fault: 'TypeError',
      where: expect.stringMatching(/observed\.test\.ts:\d+:\d+/),
    });
  });
});
