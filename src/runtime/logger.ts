import { CONTEXT_FIELDS } from '../core/shared/log-fields.ts';
import { keepListed, keptField } from '../core/shared/log-line.ts';
import type { Log } from '../core/shared/log.ts';
import { currentInvocation } from './invocation.ts';
import { metrics } from './metrics.ts';
import { currentTrace } from './trace-header.ts';

/** What every line has: which request, which invocation, which message, which trace. */
function contextOf(): Record<string, unknown> {
  const known: Readonly<Record<string, unknown>> = { ...currentInvocation(), traceId: currentTrace()?.traceId };
  return Object.fromEntries(CONTEXT_FIELDS.map((name) => [name, keptField(name, known[name])]));
}

const write =
  (level: string) =>
  (event: string, given: object = {}): void => {
    const { event: listed, fields, dropped } = keepListed(event, { ...given });
    if (dropped > 0) metrics.add('DroppedLogFields', {}, dropped);
    const line = { level, event: listed, at: new Date().toISOString(), ...contextOf(), ...fields };
    // One JSON object a line: CloudWatch Logs finds the fields by itself.
    process.stdout.write(`${JSON.stringify({ ...line, ...(dropped > 0 && { droppedFields: dropped }) })}\n`);
  };

/** Writes only what the list of events and fields allows, whatever it is called with. */
export const log: Log = { info: write('info'), warn: write('warn'), error: write('error') };
