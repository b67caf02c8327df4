import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod';
import { createGuardedServer, listenOnLoopback, readBody, type LocalServer } from '../http/local-server.ts';

const MAX_BYTES = 16 * 1024 * 1024;

/** An error in AWS's own words: the SDK turns `code` into the name of the error it throws. */
export class AwsError extends Error {
  override readonly name = 'AwsError';
  readonly code: string;
  readonly status: number;
  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** One operation of a service. `gone` is aborted when the caller hangs up. */
export type Operation = (input: unknown, gone: AbortSignal) => Promise<object> | object;

/** An operation whose input is checked against `schema` first. */
export const operation =
  <S extends z.ZodType>(schema: S, run: (input: z.infer<S>, gone: AbortSignal) => Promise<object> | object): Operation =>
  (input, gone) =>
    run(schema.parse(input), gone);

export interface JsonService {
  /** What precedes the dot in `x-amz-target`. */
  target: string;
  version: '1.0' | '1.1';
  operations: Readonly<Record<string, Operation>>;
  /** The error code of an input that does not have the right shape. */
  invalidInput: string;
  /** Headers of an error beyond the protocol's own. */
  errorHeaders?: (code: string) => Record<string, string>;
}

/** Serves one AWS service over its JSON protocol, on a free port of the loopback interface. */
export function startJsonService(service: JsonService): Promise<LocalServer> {
  const server = createGuardedServer((request, response) => {
    void answer(service, request, response).catch(() => response.destroy());
  });
  return listenOnLoopback(server);
}

async function answer(service: JsonService, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const body = await readBody(request, MAX_BYTES);
  let status = 200;
  let headers: Record<string, string> = {};
  let result: object;
  try {
    result = await operationOf(service, request)(body.length === 0 ? {} : parseJson(body.toString('utf8')), gone.signal);
  } catch (error) {
    const failure = toAwsError(error, service.invalidInput);
    status = failure.status;
    headers = service.errorHeaders?.(failure.code) ?? {};
    result = { __type: failure.code, message: failure.message, Message: failure.message };
  }
  if (response.destroyed) return;
  response.writeHead(status, {
    'content-type': `application/x-amz-json-${service.version}`,
    'x-amzn-requestid': randomUUID(),
    ...headers,
  });
  response.end(JSON.stringify(result));
}

function operationOf({ target, operations }: JsonService, request: IncomingMessage): Operation {
  const header = String(request.headers['x-amz-target'] ?? '');
  const name = header.startsWith(`${target}.`) ? header.slice(target.length + 1) : '';
  const found = Object.hasOwn(operations, name) ? operations[name] : undefined;
  if (found === undefined) throw new AwsError('UnknownOperationException', `No such operation here: ${header || 'none given'}`);
  return found;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new AwsError('SerializationException', 'The body is not JSON.');
  }
}

function toAwsError(error: unknown, invalidInput: string): AwsError {
  if (error instanceof AwsError) return error;
  if (error instanceof z.ZodError) {
    return new AwsError(invalidInput, error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
  }
  return new AwsError('InternalFailure', error instanceof Error ? error.message : String(error), 500);
}
