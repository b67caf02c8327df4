import satisfies from 'spdx-satisfies';
import * as z from 'zod';
import type { LockedPackage } from './read-lock.ts';

export const licencePolicySchema = z.strictObject({
  /** What may be in what we hand on. */
  shipped: z.array(z.string()).min(1),
  /** What may be used besides, for building and testing. */
  development: z.array(z.string()),
  /** By package: what its manifest leaves out or misspells. */
  clarified: z.record(z.string(), z.strictObject({ licence: z.string(), why: z.string().min(1) })),
});
export type LicencePolicy = z.infer<typeof licencePolicySchema>;

/** What is against the policy, one line each; of a choice of licences one that is allowed is enough. */
export function judgeLicences(packages: readonly LockedPackage[], policy: LicencePolicy): string[] {
  const strangers = packages.flatMap(({ name, version, dev, license }) => {
    const licence = policy.clarified[name]?.licence ?? license;
    const allowed = dev ? [...policy.shipped, ...policy.development] : policy.shipped;
    if (isAllowed(licence, allowed)) return [];
    return `${name} ${version} is under ${licence ?? 'no licence'}, which is not allowed in what ${dev ? 'we develop with' : 'ships'}.`;
  });
  const unneeded = Object.keys(policy.clarified).filter((name) => !packages.some((one) => one.name === name && needsWords(one)));
  return [...strangers, ...unneeded.map((name) => `${name} needs no clarification any more.`)];
}

const needsWords = ({ license }: LockedPackage): boolean => license === undefined || !isExpression(license);

function isAllowed(licence: string | undefined, allowed: readonly string[]): boolean {
  return licence !== undefined && isExpression(licence) && satisfies(licence, allowed);
}

/** Whether it is one of SPDX's names, or an expression of them. */
function isExpression(licence: string): boolean {
  try {
    satisfies(licence, ['MIT']);
    return true;
  } catch {
    return false;
  }
}
