import { ENV, type EnvName } from '../contract/manifest.ts';

/** The one place that reads the environment. @throws when the variable is missing: a function without it must not start */
export function requireEnv(name: EnvName): string {
  const value = process.env[ENV[name]];
  if (!value) throw new Error(`Missing environment: ${name}. Does the manifest give it to this function?`);
  return value;
}

/** For what a deployment may leave out. */
export const optionalEnv = (name: EnvName): string | undefined => process.env[ENV[name]] || undefined;
