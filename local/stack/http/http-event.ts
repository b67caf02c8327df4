import type { IncomingHttpHeaders } from 'node:http';
import { ACCOUNT_ID, REGION } from '../aws/names.ts';

const API_ID = 'local';

export interface HttpEventInput {
  method: string;
  /** Path and query as they stand in the request line. */
  target: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
  sourceIp: string;
  requestId: string;
  routeKey: string;
  pathParameters: Record<string, string> | undefined;
}

/** Media types whose bodies API Gateway hands over as text; all others arrive in base64, forms among them. */
const TEXT = /^(text\/|application\/(json|javascript|xml)\b)/i;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** The request as API Gateway's HTTP API hands it to a function, payload version 2.0. */
export function toHttpEvent(input: HttpEventInput): object {
  const [path = '/', query = ''] = splitOnce(input.target, '?');
  const { cookie, ...headers } = input.headers;
  const cookies = cookie?.split(/;\s*/).filter((pair) => pair !== '');
  const queryStringParameters = joinQuery(query);
  const isText = TEXT.test(input.headers['content-type'] ?? '');
  const hasBody = input.body.length > 0;
  // Real time, as everywhere at the edge: senders sign with it, and the clock of the stack may be days ahead.
  const now = new Date();
  const rawPath = decodePath(path);
  return {
    version: '2.0',
    routeKey: input.routeKey,
    rawPath,
    rawQueryString: query,
    ...(cookies === undefined || cookies.length === 0 ? {} : { cookies }),
    headers: joinHeaders(headers),
    ...(queryStringParameters === undefined ? {} : { queryStringParameters }),
    ...(input.pathParameters === undefined ? {} : { pathParameters: input.pathParameters }),
    requestContext: {
      accountId: ACCOUNT_ID,
      apiId: API_ID,
      domainName: `${API_ID}.execute-api.${REGION}.amazonaws.com`,
      domainPrefix: API_ID,
      http: {
        method: input.method,
        path: rawPath,
        protocol: 'HTTP/1.1',
        sourceIp: input.sourceIp,
        userAgent: input.headers['user-agent'] ?? '',
      },
      requestId: input.requestId,
      routeKey: input.routeKey,
      stage: '$default',
      time: commonLogTime(now),
      timeEpoch: now.getTime(),
    },
    ...(hasBody ? { body: input.body.toString(isText ? 'utf8' : 'base64') } : {}),
    isBase64Encoded: hasBody && !isText,
  };
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

/** HTTP APIs decode the path, unlike REST APIs and function URLs; only parameters and the query tell `%2F` from `/`. */
function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function joinHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => {
      if (value === undefined) return [];
      return [[name, Array.isArray(value) ? value.join(',') : value]];
    }),
  );
}

function joinQuery(query: string): Record<string, string> | undefined {
  const joined: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(query)) {
    joined[name] = Object.hasOwn(joined, name) ? `${joined[name]},${value}` : value;
  }
  return Object.keys(joined).length > 0 ? joined : undefined;
}

/** `12/Mar/2026:19:03:58 +0000` */
function commonLogTime(at: Date): string {
  const [date = '', time = ''] = at.toISOString().split('T');
  const [year, month, day] = date.split('-');
  return `${day}/${MONTHS[Number(month) - 1]}/${year}:${time.slice(0, 8)} +0000`;
}
