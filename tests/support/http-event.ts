import * as z from 'zod';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';

export interface EventInput {
  /** As API Gateway names the route: method, blank, path. */
  routeKey: string;
  apiKey?: string;
  params?: Readonly<Record<string, string>>;
  /** Sent as JSON; a string as it is. */
  body?: unknown;
  headers?: Readonly<Record<string, string>>;
  requestId?: string;
}

/** A request as API Gateway's HTTP API hands it to a function. */
export function anEvent({
  routeKey,
  apiKey,
  params,
  body,
  headers = {},
  requestId = 'request-1',
}: EventInput): APIGatewayProxyEventV2 {
  const [method = '', path = ''] = routeKey.split(' ');
  return {
    version: '2.0',
    routeKey,
    rawPath: path,
    rawQueryString: '',
    headers: { ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }), ...headers },
    requestContext: {
      accountId: '000000000000',
      apiId: 'api',
      domainName: 'api.test',
      domainPrefix: 'api',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '192.0.2.7', userAgent: headers['user-agent'] ?? '' },
      requestId,
      routeKey,
      stage: '$default',
      time: '21/Sep/2026:06:00:00 +0000',
      timeEpoch: Date.parse('2026-09-21T06:00:00.000Z'),
    },
    ...(params && { pathParameters: { ...params } }),
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    isBase64Encoded: false,
  };
}

/** What Lambda tells beside the event; nothing here looks at it. */
export const aContext = z.custom<Context>().parse({ awsRequestId: 'invocation-1' });
