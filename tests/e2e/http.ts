import * as z from 'zod';

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface Request {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | URLSearchParams;
}

/** One HTTP call without any cleverness: redirects are not followed. */
export async function http(url: string, { method = 'GET', headers = {}, body }: Request = {}): Promise<Reply> {
  const sent = Buffer.isBuffer(body) ? new Uint8Array(body) : body;
  const response = await fetch(url, { method, redirect: 'manual', headers, ...(sent !== undefined && { body: sent }) });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** The JSON of a reply in a known shape. @throws Error that shows what came instead */
export function parseAs<T extends z.ZodType>(schema: T, reply: Reply): z.output<T> {
  const read = schema.safeParse(parseJson(reply.text));
  if (read.success) return read.data;
  throw new Error(`Unexpected answer ${reply.status} ${reply.text.slice(0, 800)}: ${z.prettifyError(read.error)}`);
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
