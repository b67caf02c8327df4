/** Calls the API with the key of this tab, and keeps that key. */

const STORED_KEY = 'ilx.api-key';
const LONGEST_MS = 45_000;
/** Answers that leave open whether the request took effect, or ask to repeat it with the same Idempotency-Key. */
const REPEATABLE = new Set(['idempotency_key_in_flight', 'rate_limited', 'service_unavailable']);

const served = document.querySelector('meta[name="api-key"]')?.content ?? '';
/** The server puts the demo tenant's key in; elsewhere the placeholder stays. */
const demoKey = served.startsWith('__') ? '' : served;

export const apiKey = {
  hasDemo: demoKey !== '',
  current: () => window.sessionStorage.getItem(STORED_KEY) ?? demoKey,
  isDemo: () => window.sessionStorage.getItem(STORED_KEY) === null && demoKey !== '',
  use: (key) => window.sessionStorage.setItem(STORED_KEY, key),
  forget: () => window.sessionStorage.removeItem(STORED_KEY),
};

/** Any failure of a call, in the words of problem+json. */
export class Problem extends Error {
  constructor(problem, status = 0, retryAfter = null) {
    super(problem.title);
    this.name = 'Problem';
    this.problem = problem;
    this.status = status;
    /** Seconds, where the service names them. */
    this.retryAfter = retryAfter;
  }
  get code() {
    return this.problem.code;
  }
  /** Whether the same request may be repeated to learn what became of it. */
  get isOpen() {
    return this.status === 0 || this.status >= 500 || REPEATABLE.has(this.code);
  }
  /** Whether it may pass by itself, so that asking again later makes sense. */
  get isPassing() {
    return this.isOpen || this.status === 429;
  }
}

const unreachable = () =>
  new Problem({
    title: 'The service does not answer',
    cause: 'The request got no answer: the service is not running, or the network is interrupted.',
    fix: 'Check that the service is running, then try again.',
  });

async function problemOf(response) {
  const body = await response.json().catch(() => ({}));
  const isProblem = typeof body.title === 'string' && typeof body.cause === 'string';
  return new Problem(
    isProblem
      ? body
      : {
          title: `The service answered ${response.status}`,
          cause: typeof body.message === 'string' ? body.message : 'The answer carries no explanation.',
          fix: 'Try again in a moment.',
        },
    response.status,
    Number(response.headers.get('retry-after')) || null,
  );
}

async function request(method, path, { body, type, idempotencyKey } = {}) {
  let response;
  try {
    response = await window.fetch(`/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${apiKey.current()}`,
        ...(body !== undefined && { 'content-type': type ?? 'application/json' }),
        ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
      },
      ...(body !== undefined && { body: type === undefined ? JSON.stringify(body) : body }),
      signal: window.AbortSignal.timeout(LONGEST_MS),
    });
  } catch {
    throw unreachable();
  }
  if (!response.ok) throw await problemOf(response);
  return response;
}

/** The connection may break while an answer is being read. */
const whole = (reading) =>
  reading.catch(() => {
    throw unreachable();
  });

async function call(method, path, options) {
  const response = await request(method, path, options);
  return response.status === 204 ? null : whole(response.json());
}

/** A page of a text, and the path of the next one (`Link: rel=next`): `null` on the last. */
async function textPage(path) {
  const response = await request('GET', path);
  const [, next] = /<([^>]+)>;\s*rel="?next"?/.exec(response.headers.get('link') ?? '') ?? [];
  const url = next === undefined ? null : new window.URL(next, window.location.href);
  return { text: await whole(response.text()), next: url && `${url.pathname.replace(/^\/v1/, '')}${url.search}` };
}

export const api = {
  get: (path) => call('GET', path),
  getText: textPage,
  postText: (path, text, type) => call('POST', path, { body: text, type }),
  post: (path, body, idempotencyKey) => call('POST', path, { body, idempotencyKey }),
  put: (path, body) => call('PUT', path, { body }),
  delete: (path, body) => call('DELETE', path, { body }),
};
