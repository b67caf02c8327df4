import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { judgeLicences, licencePolicySchema } from './judge-licences.ts';
import { readLock } from './read-lock.ts';

/** `npm run -s licences`: how many packages are under which licence, and what is against `supply-chain/licences.json`. */
const policy = licencePolicySchema.parse(
  JSON.parse(readFileSync(resolve(import.meta.dirname, '../supply-chain/licences.json'), 'utf8')),
);
const packages = readLock();
for (const dev of [false, true]) {
  const counts = new Map<string, number>();
  for (const { name, license = 'none' } of packages.filter((one) => one.dev === dev)) {
    const licence = policy.clarified[name]?.licence ?? license;
    counts.set(licence, (counts.get(licence) ?? 0) + 1);
  }
  const sorted = [...counts].toSorted(([, a], [, b]) => b - a).map(([licence, count]) => `${count} ${licence}`);
  console.log(`${dev ? 'To develop' : 'To ship'}: ${sorted.join(', ')}.`);
}
const problems = judgeLicences(packages, policy);
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;
