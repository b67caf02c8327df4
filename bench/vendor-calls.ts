import { readFile, writeFile } from 'node:fs/promises';
import { measureCalls } from './calls/measure-calls.ts';
import { callFigures, codeFigures } from './calls/render-calls.ts';
import { withFigures } from './figures.ts';
import { openDayStack } from './scale/day-stack.ts';

/**
 * Runs whatever calls Mailchimp on a local stack of its own, counts the calls by endpoint, and writes the tables between the
 * marks of `docs/mailchimp-calls.md`.
 */
const DOC = 'docs/mailchimp-calls.md';

const stack = await openDayStack();
try {
  const measured = await measureCalls(stack, (line) => console.error(line));
  await writeFile(DOC, withFigures(await readFile(DOC, 'utf8'), { ...codeFigures(), ...callFigures(measured) }));
} finally {
  await stack.close();
}
process.exit(0);
