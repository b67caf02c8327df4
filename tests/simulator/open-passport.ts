import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';

/** What `passport-mailchimp` made of a sign-in: whom it let in, why it did not, or what broke. */
export type SignIn =
  | { readonly kind: 'in'; readonly profile: unknown }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'failed'; readonly error: Error };

export interface PassportApp {
  readonly url: string;
  readonly callbackUrl: string;
  /** How sign-ins ended, the last one last. */
  readonly signIns: SignIn[];
  close(): Promise<void>;
}

const APP = { clientID: 'bakery-app', clientSecret: 'flour' };
const PROFILE_HOST = 'https://login.mailchimp.com';

type Callable = (...args: unknown[]) => unknown;
const isCallable = (value: unknown): value is Callable => typeof value === 'function';
const part = (owner: unknown, name: string): unknown =>
  (typeof owner === 'object' && owner !== null) || isCallable(owner) ? Reflect.get(owner, name) : undefined;
const invoke = (owner: unknown, name: string, ...args: unknown[]): unknown => {
  const method = part(owner, name);
  if (!isCallable(method)) throw new Error(`passport has no ${name}`);
  return Reflect.apply(method, owner, args);
};

/** A small app whose people sign in by `passport` and `passport-mailchimp` at a login host of ours. */
export async function openPassportApp(loginUrl: string, state: string): Promise<PassportApp> {
  const signIns: SignIn[] = [];
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  server.unref();
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  const callbackUrl = `${url}/callback`;
  const authenticator = authenticatorAt(loginUrl, callbackUrl);
  server.on('request', (request, response) => handle(authenticator, request, response, state, signIns));
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url, callbackUrl, signIns, close };
}

function authenticatorAt(loginUrl: string, callbackURL: string): unknown {
  const load = createRequire(import.meta.url);
  const passport: unknown = load('passport');
  const strategies: unknown = load('passport-mailchimp');
  const [Authenticator, Strategy] = [part(passport, 'Authenticator'), part(strategies, 'Strategy')];
  if (!isCallable(Authenticator) || !isCallable(Strategy)) throw new Error('passport has changed its shape');
  const options = {
    ...APP,
    callbackURL,
    authorizationURL: `${loginUrl}/oauth2/authorize`,
    tokenURL: `${loginUrl}/oauth2/token`,
  };
  const verify = (_token: unknown, _refresh: unknown, profile: unknown, done: Callable): unknown => done(null, profile);
  const strategy: unknown = Reflect.construct(Strategy, [options, verify]);
  aimProfile(strategy, loginUrl);
  const authenticator: unknown = Reflect.construct(Authenticator, []);
  invoke(authenticator, 'use', strategy);
  return authenticator;
}

/** The address of the profile is the one that no option changes: its scheme and host are, on the way out. */
function aimProfile(strategy: unknown, loginUrl: string): void {
  const oauth2 = part(strategy, '_oauth2');
  const request = part(oauth2, '_request');
  if (typeof oauth2 !== 'object' || oauth2 === null || !isCallable(request))
    throw new Error('passport-oauth2 has changed its shape');
  Reflect.set(oauth2, '_request', (method: unknown, url: unknown, ...others: unknown[]) =>
    Reflect.apply(request, oauth2, [method, String(url).replace(PROFILE_HOST, loginUrl), ...others]),
  );
}

function handle(
  authenticator: unknown,
  incoming: IncomingMessage,
  response: ServerResponse,
  state: string,
  signIns: SignIn[],
): void {
  const { searchParams } = new URL(`http://app${incoming.url ?? '/'}`);
  // What a framework around passport adds to a request.
  const request = Object.assign(incoming, { query: Object.fromEntries(searchParams) });
  const done = (signIn: SignIn): void => {
    signIns.push(signIn);
    response.end();
  };
  const callback = (error: unknown, user: unknown): void => {
    if (error instanceof Error) done({ kind: 'failed', error });
    else if (user === false) done({ kind: 'refused', reason: searchParams.get('error') ?? '' });
    else done({ kind: 'in', profile: user });
  };
  const middleware = invoke(authenticator, 'authenticate', 'mailchimp', { session: false, state }, callback);
  if (!isCallable(middleware)) throw new Error('passport makes no middleware any more');
  middleware(request, response, (error: unknown) => callback(error, false));
}
