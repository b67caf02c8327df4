import { ENV, type EnvName } from '../contract/manifest.ts';

/** The one place that reads the environment. @throws when the variable is missing: a function without it must not start */
export function requireEnv(name: EnvName): string {
  const value = process.env[ENV[name]];
  if (!value) throw new Error(`Missing environment: ${name}. Does the manifest give it to this function?`);
  return value;
}

/** For what a deployment may leave out. */
export const optionalEnv = (name: EnvName): string | undefined => process.env[ENV[name]] || undefined;

/** What Lambda's runtime sets by itself; nothing of it is there in a script, a test or the local stack. */
type LambdaEnv = '_X_AMZN_TRACE_ID' | 'AWS_XRAY_DAEMON_ADDRESS' | 'AWS_EXECUTION_ENV' | 'AWS_REGION';
export const lambdaEnv = (name: LambdaEnv): string | undefined => process.env[name] || undefined;
