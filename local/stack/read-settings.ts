import { resolve } from 'node:path';
import * as z from 'zod';
import { TOKEN_STORE_KINDS } from '../../src/contract/manifest.ts';
import { StackError } from './stack-error.ts';
import type { StackSettings } from './stack-options.ts';

const port = (fallback: number) =>
  z
    .string()
    .optional()
    .transform((value) => (value === undefined || value === '' ? fallback : Number(value)))
    .pipe(z.number('a port is a number').int().min(0).max(65_535));
/** A variable that is set to nothing counts as not set. */
const text = z.string().transform((value) => (value === '' ? undefined : value));
const url = text.pipe(
  z
    .url({ protocol: /^https?$/ })
    .transform((value) => value.replace(/\/+$/, ''))
    .optional(),
);

const origins = z
  .string()
  .default('')
  .transform((value) => value.split(',').map((origin) => origin.trim()))
  .transform((given) => given.filter((origin) => origin !== ''))
  .refine(
    (given) => given.every((origin) => URL.canParse(origin) && new URL(origin).origin === origin && !origin.includes('*')),
    'is a list of origins such as http://localhost:5173, without a path',
  );

const environmentSchema = z.object({
  PORT: port(4000),
  SIMULATOR_PORT: port(4010),
  MAILCHIMP_LOGIN_URL: url.optional(),
  MAILCHIMP_API_HOST_OVERRIDE: url.optional(),
  MAILCHIMP_CLIENT_ID: text.optional(),
  MAILCHIMP_CLIENT_SECRET: text.optional(),
  PUBLIC_BASE_URL: url.optional(),
  CONSOLE_ORIGINS: origins,
  LOCAL_STATE_DIR: text.optional(),
  SIMULATOR_AUTO_APPROVE: z.string().optional(),
  TOKEN_STORE: z.enum(TOKEN_STORE_KINDS).default('secrets'),
  OAUTH_PKCE: z.enum(['on', 'off']).default('on'),
  OIDC_ISSUER: text.optional(),
  OIDC_AUDIENCE: text.optional(),
  RATE_LIMIT_PER_MINUTE: z
    .string()
    .regex(/^[1-9]\d{0,5}$/, 'is a number of requests')
    .default('3000'),
});

export const HELP = `npm start [-- --reset]

Runs the whole service on this machine: the HTTP API, its queues and schedules, and a simulated Mailchimp.
  --reset   forget everything and begin anew
  --help    show this

Variables, and what they are when not set:
  PORT                         4000      API and page; 0 takes a free port
  SIMULATOR_PORT               4010      Mailchimp simulator; 0 takes a free port
  LOCAL_STATE_DIR              .local    where the data is kept
  PUBLIC_BASE_URL              http://127.0.0.1:$PORT
  CONSOLE_ORIGINS              nobody    whose scripts may call the API from another origin, comma separated
  MAILCHIMP_LOGIN_URL          the simulator
  MAILCHIMP_API_HOST_OVERRIDE  the simulator
  MAILCHIMP_CLIENT_ID, MAILCHIMP_CLIENT_SECRET    the simulator's
  SIMULATOR_AUTO_APPROVE       1 makes the simulator consent without asking
  TOKEN_STORE                  secrets   or envelope: how tokens are kept
  OAUTH_PKCE                   on        or off
  OIDC_ISSUER, OIDC_AUDIENCE   the stack's own: who signs people in
  RATE_LIMIT_PER_MINUTE        3000      requests of one tenant
`;

/** Reads the command line and the environment. @throws StackError that names what is wrong. */
export function readSettings(args: readonly string[], environment: NodeJS.ProcessEnv): StackSettings {
  const unknown = args.find((arg) => arg !== '--reset');
  if (unknown !== undefined) throw new StackError(`Unknown argument ${unknown}. See npm start -- --help.`);
  const read = environmentSchema.safeParse(environment);
  if (!read.success) {
    const [issue] = read.error.issues;
    throw new StackError(`${issue?.path.join('.')} is not usable: ${issue?.message}. See npm start -- --help.`);
  }
  const { data } = read;
  const login = data.MAILCHIMP_LOGIN_URL;
  const isReal = login !== undefined && !['127.0.0.1', 'localhost', '[::1]'].includes(new URL(login).hostname);
  if (isReal && (data.MAILCHIMP_CLIENT_ID === undefined || data.MAILCHIMP_CLIENT_SECRET === undefined)) {
    throw new StackError('With a MAILCHIMP_LOGIN_URL of your own, give MAILCHIMP_CLIENT_ID and MAILCHIMP_CLIENT_SECRET too.');
  }
  if ((data.OIDC_ISSUER === undefined) !== (data.OIDC_AUDIENCE === undefined)) {
    throw new StackError('With an OIDC_ISSUER of your own, give OIDC_AUDIENCE too.');
  }
  if (data.PORT === data.SIMULATOR_PORT && data.PORT !== 0) {
    throw new StackError(`PORT and SIMULATOR_PORT are both ${data.PORT}: choose another for one of them.`);
  }
  return {
    port: data.PORT,
    simulatorPort: data.SIMULATOR_PORT,
    stateDir: resolve(data.LOCAL_STATE_DIR ?? '.local'),
    reset: args.includes('--reset'),
    autoApprove: data.SIMULATOR_AUTO_APPROVE === '1',
    mailchimpLoginUrl: data.MAILCHIMP_LOGIN_URL,
    mailchimpApiHostOverride: data.MAILCHIMP_API_HOST_OVERRIDE,
    mailchimpClientId: data.MAILCHIMP_CLIENT_ID,
    mailchimpClientSecret: data.MAILCHIMP_CLIENT_SECRET,
    publicBaseUrl: data.PUBLIC_BASE_URL,
    consoleOrigins: data.CONSOLE_ORIGINS,
    tokenStore: data.TOKEN_STORE,
    pkce: data.OAUTH_PKCE,
    oidcIssuer: data.OIDC_ISSUER,
    oidcAudience: data.OIDC_AUDIENCE,
    rateLimitPerMinute: data.RATE_LIMIT_PER_MINUTE,
  };
}
