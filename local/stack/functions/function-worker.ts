import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import * as z from 'zod';
import { ACCOUNT_ID, REGION } from '../aws/names.ts';
import { openFunctionLog } from './function-log.ts';
import { shiftDate } from './shifted-date.ts';
import { invocationSchema, workerDataSchema, type Invocation, type WorkerMessage } from './worker-protocol.ts';

/** The thread in which one function lives: its own environment, log and time, then its bundle. */

type Handler = (event: unknown, context: object) => unknown;
const bundleSchema = z.object({
  handler: z.custom<Handler>((value) => typeof value === 'function', 'The bundle has no export named handler.'),
});

const data = workerDataSchema.parse(workerData);
const port = parentPort;
if (port === null) throw new Error('This file runs only as a worker.');
const say = (message: WorkerMessage): void => port.postMessage(message);

const log = openFunctionLog(data.logFile);
// As on AWS, where NODE_OPTIONS asks for it: a frame of a log names the file that was written, not the bundle.
process.setSourceMapsEnabled(true);
const offset = new BigInt64Array(data.offset);
const realNow = shiftDate(() => Number(Atomics.load(offset, 0)));
const bundle: unknown = await import(pathToFileURL(data.bundle).href);
const { handler } = bundleSchema.parse(bundle);

port.on('message', (message: unknown) => void run(invocationSchema.parse(message)));
say({ type: 'ready' });

async function run({ id, event, deadline }: Invocation): Promise<void> {
  try {
    const result = await handler(JSON.parse(event), {
      awsRequestId: id,
      functionName: data.functionName,
      functionVersion: '$LATEST',
      invokedFunctionArn: `arn:aws:lambda:${REGION}:${ACCOUNT_ID}:function:${data.functionName}`,
      memoryLimitInMB: String(data.memoryMb),
      logGroupName: `/aws/lambda/${data.functionName}`,
      logStreamName: 'local',
      callbackWaitsForEmptyEventLoop: true,
      getRemainingTimeInMillis: () => Math.max(0, deadline - realNow()),
    });
    say({ type: 'result', id, result: JSON.stringify(result ?? null) });
  } catch (error) {
    const { name, message, stack } = error instanceof Error ? error : { name: 'Error', message: String(error), stack: undefined };
    log.write(
      JSON.stringify({ level: 'ERROR', message: 'Invoke Error', requestId: id, errorType: name, errorMessage: message, stack }),
    );
    say({ type: 'failure', id, errorType: name, errorMessage: message });
  }
}
