import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ROOT } from '../../support/read-sources.ts';

/** An action of IAM, as policies name it. */
const ACTION = /\b[a-z]+:[A-Z]\w+/g;

describe('the policy of docs/operations.md', () => {
  it('names every right that a look says it needs, and no other', () => {
    const folder = join(ROOT, 'scripts/doctor');
    const needed = readdirSync(folder).flatMap((file) =>
      [...readFileSync(join(folder, file), 'utf8').matchAll(/rights: \[([^\]]*)\]/g)].flatMap(
        ([, rights = '']) => rights.match(ACTION) ?? [],
      ),
    );
    const [, policy = ''] = /```json\n([\s\S]*?)```/.exec(readFileSync(join(ROOT, 'docs/operations.md'), 'utf8')) ?? [];
    expect([...new Set(policy.match(ACTION)?.filter((name) => name !== 'dynamodb:LeadingKeys'))].sort()).toEqual(
      [...new Set(needed)].sort(),
    );
    expect(needed.length).toBeGreaterThan(20);
  });
});
