import type { HttpRequest } from './http-request.ts';
import { ApiProblem } from './problem.ts';

const LOOPBACK = /^(127(?:\.\d{1,3}){3}|localhost|\[::1\])(:\d+)?$/i;

export const isLoopback = (host: string): boolean => LOOPBACK.test(host);

/**
 * Keeps other people's web pages out of what needs no password: a page whose name was made to resolve to this machine
 * sends its own name as `Host`, and any other page sends its `Origin` with what it posts.
 * @throws ApiProblem 403
 */
export function checkLocal(request: HttpRequest): void {
  const host = request.header('host') ?? '';
  if (!isLoopback(host)) throw refused('This is answered under a loopback address only.');
  const origin = request.header('origin');
  if (origin !== undefined && origin.toLowerCase() !== `http://${host.toLowerCase()}`) {
    throw refused('Pages from elsewhere may not call this.');
  }
}

const refused = (detail: string): ApiProblem => new ApiProblem(403, 'Forbidden', detail);
