import * as z from 'zod';
import type { LockedPackage } from './read-lock.ts';

const SEVERITIES = ['info', 'low', 'moderate', 'high', 'critical'] as const;
const severitySchema = z.enum(SEVERITIES);
type Severity = z.infer<typeof severitySchema>;

/** https://docs.npmjs.com/cli/commands/npm-audit: `npm audit --json`, of which this is what is needed. */
const reportSchema = z.object({
  auditReportVersion: z.literal(2),
  vulnerabilities: z.record(
    z.string(),
    z.object({
      /** The advisories on the package itself; a name stands for a package below it that is affected. */
      via: z.array(z.union([z.string(), z.object({ title: z.string(), url: z.url(), severity: severitySchema })])),
      /** The folders it is in. */
      nodes: z.array(z.string()),
    }),
  ),
  metadata: z.object({ dependencies: z.object({ total: z.number().int() }) }),
});

const LONGEST_DAYS = 90;
const DAY_MS = 86_400_000;

export const auditExceptionsSchema = z.array(
  z
    .strictObject({
      /** `GHSA-…`, as the last part of the advisory's address. */
      advisory: z.string().min(1),
      package: z.string().min(1),
      /** Why it does not harm us, or what is done instead. */
      reason: z.string().min(20),
      granted: z.iso.date(),
      /** The last day it holds. */
      expires: z.iso.date(),
    })
    .refine(({ granted, expires }) => Date.parse(expires) - Date.parse(granted) <= LONGEST_DAYS * DAY_MS, {
      message: `must not hold longer than ${LONGEST_DAYS} days`,
    }),
);
export type AuditException = z.infer<typeof auditExceptionsSchema>[number];

export interface AuditVerdict {
  /** Whether there was a report at all: no answer is not a clean one. */
  outcome: 'clean' | 'failed' | 'unchecked';
  lines: string[];
}

/** What fails: in what ships a high one, in what we only develop with one that takes the machine over. */
const FAILS_FROM: Record<'ships' | 'develops', Severity> = { ships: 'high', develops: 'critical' };
const isAtLeast = (severity: Severity, least: Severity): boolean => SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(least);

/**
 * Holds a report of `npm audit --json` against the policy of docs/supply-chain.md.
 * @param report what npm printed, parsed; anything that is no report leaves the dependencies unchecked
 * @param today as `YYYY-MM-DD`
 */
export function judgeAudit(
  report: unknown,
  packages: readonly LockedPackage[],
  exceptions: readonly AuditException[],
  today: string,
): AuditVerdict {
  const parsed = reportSchema.safeParse(report);
  if (!parsed.success) return { outcome: 'unchecked', lines: [`The registry gave no report: ${refusalOf(report)}.`] };
  if (parsed.data.metadata.dependencies.total === 0) return { outcome: 'unchecked', lines: ['The report covers no package.'] };
  const shipped = new Set(packages.filter(({ dev }) => !dev).map(({ path }) => path));
  const found = Object.entries(parsed.data.vulnerabilities).flatMap(([name, { via, nodes }]) =>
    via
      .filter((one) => typeof one !== 'string')
      .map(({ title, url, severity }) => {
        const place = nodes.some((node) => shipped.has(node)) ? ('ships' as const) : ('develops' as const);
        const advisory = url.slice(url.lastIndexOf('/') + 1);
        const exception = exceptions.find((one) => one.advisory === advisory && one.package === name);
        const isExcepted = exception !== undefined && exception.expires >= today;
        return { name, title, url, severity, place, exception, isExcepted };
      }),
  );
  const failing = found.filter(({ severity, place, isExcepted }) => !isExcepted && isAtLeast(severity, FAILS_FROM[place]));
  const expired = exceptions.filter(({ expires }) => expires < today);
  const lines = [
    ...found.map(
      (one) =>
        `${failing.includes(one) ? 'FAILS' : one.isExcepted ? 'excepted' : 'reported'}: ${one.name}, ${one.severity}, ` +
        `in what ${one.place === 'ships' ? 'ships' : 'we develop with'}: ${one.title} (${one.url})` +
        (one.isExcepted ? `, until ${one.exception?.expires}: ${one.exception?.reason}` : ''),
    ),
    ...expired.map((one) => `FAILS: the exception of ${one.advisory} for ${one.package} ended on ${one.expires}.`),
    ...exceptions
      .filter((one) => !expired.includes(one) && !found.some(({ exception }) => exception === one))
      .map((one) => `reported: nothing needs the exception of ${one.advisory} for ${one.package} any more.`),
    `${packages.length} packages, ${found.length} advisories, ${failing.length + expired.length} against the policy.`,
  ];
  return { outcome: failing.length + expired.length > 0 ? 'failed' : 'clean', lines };
}

const refusalSchema = z.object({ message: z.string() });
const errorSchema = z.object({ error: z.object({ code: z.string().optional(), summary: z.string() }) });

/** What npm says when the registry does not answer as it should. */
function refusalOf(report: unknown): string {
  const refusal = refusalSchema.safeParse(report).data?.message;
  const error = errorSchema.safeParse(report).data?.error;
  return refusal ?? (error ? `${error.code ?? 'error'} ${error.summary}`.trim() : 'what came is none');
}
