import { validateHeaderName, validateHeaderValue } from 'node:http';
import * as z from 'zod';

const headerValue = z.union([z.string(), z.number(), z.boolean()]);
const structured = z.object({
  statusCode: z.coerce.number().int().min(100).max(599),
  headers: z.record(z.string(), headerValue).nullish(),
  cookies: z.array(z.string()).nullish(),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().nullish(),
});

export interface HttpAnswer {
  status: number;
  headers: Record<string, string | string[]>;
  body: Buffer;
}

/** API Gateway sets these itself. */
const CONNECTION_HEADERS = new Set(['connection', 'content-length', 'keep-alive', 'transfer-encoding', 'upgrade']);

/** An answer that API Gateway makes itself. */
export const gatewayAnswer = (status: number, message: string): HttpAnswer => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: Buffer.from(JSON.stringify({ message })),
});

function isSendable(name: string, value: string): boolean {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return true;
  } catch {
    return false;
  }
}

/**
 * What the client gets for the result of a function: a structured answer as it stands; anything without a status code
 * as the JSON body of a 200.
 */
export function toHttpAnswer(result: unknown): HttpAnswer {
  const isStructured = typeof result === 'object' && result !== null && 'statusCode' in result;
  if (!isStructured) {
    const body = typeof result === 'string' ? result : JSON.stringify(result ?? null);
    return { status: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from(body) };
  }
  const parsed = structured.safeParse(result);
  if (!parsed.success) return gatewayAnswer(500, 'Internal Server Error');
  const { statusCode, headers, cookies, body, isBase64Encoded } = parsed.data;
  const answered: HttpAnswer['headers'] = {};
  for (const [name, value] of Object.entries(headers ?? {})) {
    const lower = name.toLowerCase();
    if (CONNECTION_HEADERS.has(lower)) continue;
    if (!isSendable(lower, String(value))) return gatewayAnswer(500, 'Internal Server Error');
    answered[lower] = String(value);
  }
  if (answered['content-type'] === undefined && typeof body === 'string') answered['content-type'] = 'text/plain;charset=UTF-8';
  if (cookies !== null && cookies !== undefined && cookies.length > 0) answered['set-cookie'] = cookies;
  return { status: statusCode, headers: answered, body: Buffer.from(body ?? '', isBase64Encoded === true ? 'base64' : 'utf8') };
}
