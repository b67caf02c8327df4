import { describe, expect, it } from '@jest/globals';
import { apiKeySchema, newApiKey, outranks, ROLES } from '../../../../src/core/tenant/api-key.ts';

describe('a new key', () => {
  it('says where it belongs, and is never the same twice', () => {
    const keys = Array.from({ length: 100 }, () => newApiKey('prod'));
    for (const key of keys) expect(key).toMatch(/^ilx_prod_[\w-]{43}$/);
    expect(new Set(keys).size).toBe(100);
  });
});

describe('a role', () => {
  it('outranks those that may do less, never itself, and never one that may do more', () => {
    const below = Object.fromEntries(ROLES.map((role) => [role, ROLES.filter((other) => outranks(role, other))]));
    expect(below).toEqual({
      owner: ['admin', 'editor', 'writer', 'viewer'],
      admin: ['editor', 'writer', 'viewer'],
      editor: ['writer', 'viewer'],
      writer: ['viewer'],
      viewer: [],
    });
  });
});

describe('a key as it is kept', () => {
  const kept = {
    id: 'key_1',
    tenantId: 'ten_1',
    name: 'Shop',
    role: 'writer',
    hash: 'abc',
    createdAt: '2026-09-01T00:00:00.000Z',
    lastUsedAt: null,
  };

  it('has all its parts, and one of the roles', () => {
    expect(apiKeySchema.parse(kept)).toEqual(kept);
    for (const part of Object.keys(kept))
      expect([part, apiKeySchema.safeParse({ ...kept, [part]: undefined }).success]).toEqual([part, false]);
    expect(apiKeySchema.safeParse({ ...kept, role: 'root' }).success).toBe(false);
  });
});
