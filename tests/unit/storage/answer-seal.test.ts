import { describe, expect, it } from '@jest/globals';
import { makeAnswerSeal } from '../../../src/storage/answer-seal.ts';

const seal = makeAnswerSeal(() => Promise.resolve({ pepper: 'p'.repeat(32) }));
const [TENANT, REQUEST, ANSWER] = ['ten_1', '["POST","/v1/suppressions"]', '{"email":"ada@private.test"}'];

describe('a sealed answer', () => {
  it('is opened by the same request of the same tenant', async () => {
    const sealed = await seal.seal(TENANT, REQUEST, ANSWER);
    expect(await seal.open(TENANT, REQUEST, sealed)).toBe(ANSWER);
    expect(await seal.seal(TENANT, REQUEST, ANSWER)).not.toBe(sealed);
  });

  it('is opened by nothing else', async () => {
    const sealed = await seal.seal(TENANT, REQUEST, ANSWER);
    const other = makeAnswerSeal(() => Promise.resolve({ pepper: 'q'.repeat(32) }));
    const changed = Buffer.from(sealed, 'base64');
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
    await expect(seal.open('ten_2', REQUEST, sealed)).rejects.toThrow();
    await expect(seal.open(TENANT, `${REQUEST} `, sealed)).rejects.toThrow();
    await expect(other.open(TENANT, REQUEST, sealed)).rejects.toThrow();
    await expect(seal.open(TENANT, REQUEST, changed.toString('base64'))).rejects.toThrow();
  });

  it('has digests that differ by tenant and purpose', async () => {
    const digests = await Promise.all([
      seal.digest(TENANT, 'key', REQUEST),
      seal.digest(TENANT, 'request', REQUEST),
      seal.digest('ten_2', 'key', REQUEST),
    ]);
    expect(new Set(digests).size).toBe(3);
    expect(await seal.digest(TENANT, 'key', REQUEST)).toBe(digests[0]);
  });
});
