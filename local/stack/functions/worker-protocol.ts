import * as z from 'zod';

/** What a worker is started with. */
export const workerDataSchema = z.object({
  bundle: z.string(),
  functionName: z.string(),
  memoryMb: z.number(),
  logFile: z.string(),
  offset: z.instanceof(SharedArrayBuffer),
});
export type WorkerData = z.infer<typeof workerDataSchema>;

/** One invocation. Events and answers cross as JSON, as they do in Lambda: nothing else survives there either. */
export const invocationSchema = z.object({
  id: z.string(),
  event: z.string(),
  /** Real time, in milliseconds since the epoch. */
  deadline: z.number(),
});
export type Invocation = z.infer<typeof invocationSchema>;

/** What a worker says: that its bundle is loaded, and how an invocation ended. */
export const workerMessageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('result'), id: z.string(), result: z.string() }),
  z.object({ type: z.literal('failure'), id: z.string(), errorType: z.string(), errorMessage: z.string() }),
]);
export type WorkerMessage = z.infer<typeof workerMessageSchema>;
