import { request as http } from 'node:http';
import { request as https } from 'node:https';

interface OutboundCall {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs: number;
}

/** Calls somebody else's server: no redirects, no kept connections, and a deadline over the whole call. */
export function callUrl(call: OutboundCall): Promise<{ readonly status: number } | { readonly error: string }> {
  return new Promise((resolve) => {
    const send = call.url.startsWith('https:') ? https : http;
    const deadline = AbortSignal.timeout(call.timeoutMs);
    const failed = (error: Error): void => resolve({ error: deadline.aborted ? 'timeout' : error.message });
    const request = send(call.url, { method: call.method, headers: call.headers, agent: false, signal: deadline }, (response) => {
      response.on('error', failed);
      response.on('end', () => resolve({ status: response.statusCode ?? 0 }));
      response.resume();
    });
    request.on('error', failed);
    request.end(call.body);
  });
}
