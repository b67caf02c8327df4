import { parseArgs } from 'node:util';
import * as z from 'zod';
import { exitCodeOf, runChecks } from './doctor/check.ts';
import { localChecks } from './doctor/local-checks.ts';
import { renderReport } from './doctor/render-report.ts';
import { stageChecks } from './doctor/stage-checks.ts';
import { endWithReason } from './end-with-reason.ts';

const USAGE = `Looks at a deployment from outside and from within, and says what to do.

  npm run -s doctor -- (--local | --stage STAGE) [--json] [--read-only] [--sample 50]

  --json       one object: {rows: [{check, verdict, says, todo}], exitCode}
  --read-only  leaves out the webhook that is made for a moment to be reached from here
  --sample     how many tenants' webhooks are looked at

It ends with 0 when all is well, 1 when something deserves a look, 2 when something is bad, and 3 when it could not be run.
What is not checked counts for none of them.`;

const optionsSchema = z
  .object({
    local: z.boolean().default(false),
    stage: z
      .string()
      .regex(/^[a-z][a-z0-9-]*$/, 'is not the name of a stage')
      .optional(),
    json: z.boolean().default(false),
    'read-only': z.boolean().default(false),
    sample: z.coerce.number('must be a number').int().min(1).max(100_000).default(50),
  })
  .refine(({ local, stage }) => local !== (stage !== undefined), `Give either --local or --stage.\n${USAGE}`);

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      local: { type: 'boolean' },
      stage: { type: 'string' },
      json: { type: 'boolean' },
      'read-only': { type: 'boolean' },
      sample: { type: 'string' },
    },
  });
  const { stage, json, sample, 'read-only': readOnly } = optionsSchema.parse(values);
  const how = { probes: !readOnly, sample };
  const rows = await runChecks(stage === undefined ? await localChecks(how) : await stageChecks(stage, how));
  const exitCode = exitCodeOf(rows);
  process.stdout.write(json ? `${JSON.stringify({ rows, exitCode }, null, 2)}\n` : renderReport(rows));
  process.exitCode = exitCode;
}

await main().catch(endWithReason(3));
