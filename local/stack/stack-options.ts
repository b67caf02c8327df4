import type { FunctionName, FunctionSpec, TokenStoreKind } from '../../src/contract/manifest.ts';
import type { RouteSpec } from './http/match-route.ts';
import type { LocalServer } from './http/local-server.ts';

/** Makes a tenant and its first key in the table behind `endpoints`. */
export type CreateTenant = (
  endpoints: { tableName: string; dynamodb: string },
  input: { slug: string; owner: string; domain: string; name: string },
) => Promise<{ tenantId: string; apiKey: string }>;

export type StartSimulator = (options: {
  port: number;
  stateDir: string;
  clock: { now(): number };
  autoApprove: boolean;
}) => Promise<LocalServer>;

/** What the person who starts the stack decides. */
export interface StackSettings {
  port: number;
  simulatorPort: number;
  stateDir: string;
  reset: boolean;
  autoApprove: boolean;
  mailchimpLoginUrl: string | undefined;
  mailchimpApiHostOverride: string | undefined;
  mailchimpClientId: string | undefined;
  mailchimpClientSecret: string | undefined;
  publicBaseUrl: string | undefined;
  /** Whose scripts may call the API from another origin. */
  consoleOrigins: readonly string[];
  tokenStore: TokenStoreKind;
  pkce: 'on' | 'off';
  /** Both or neither: then the stack's own issuer is believed. */
  oidcIssuer: string | undefined;
  oidcAudience: string | undefined;
  rateLimitPerMinute: string;
}

/** What the stack is made of. */
export interface StackParts {
  functions: Readonly<Record<FunctionName, FunctionSpec>>;
  routes: readonly RouteSpec<FunctionName>[];
  buildFunctions: (options: {
    outDir: string;
    functions: Readonly<Record<string, FunctionSpec>>;
  }) => Promise<Record<string, string>>;
  createTenant: CreateTenant;
  startSimulator: StartSimulator;
  /** The client the simulator knows. */
  simulatorClient: { clientId: string; clientSecret: string };
  pageFolder: string;
}

export type StackOptions = StackSettings & StackParts;
