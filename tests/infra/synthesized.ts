import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import type { Construct } from 'constructs';
import * as z from 'zod';
import { addDeployment } from '../../lib/add-deployment.ts';
import type { Deployment } from '../../lib/deployment.ts';
import { FUNCTION_NAMES, MAILCHIMP_LOGIN_URL, type FunctionName } from '../../src/contract/manifest.ts';

const resourceSchema = z.object({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
  DependsOn: z.unknown().optional(),
  DeletionPolicy: z.string().optional(),
  UpdateReplacePolicy: z.string().optional(),
});
const templateSchema = z.object({
  Resources: z.record(z.string(), resourceSchema),
  Outputs: z
    .record(
      z.string(),
      z.object({ Value: z.unknown(), Description: z.string().optional(), Export: z.object({ Name: z.string() }).optional() }),
    )
    .default({}),
});
const cdkJsonSchema = z.object({ context: z.record(z.string(), z.unknown()) });

export type Resource = z.infer<typeof resourceSchema> & { id: string };

/** A synthesized template, read by type. */
export class SynthesizedStack {
  readonly resources: readonly Resource[];
  readonly outputs: z.infer<typeof templateSchema>['Outputs'];
  readonly terminationProtection: boolean;

  constructor(template: Template, terminationProtection: boolean) {
    const { Resources, Outputs } = templateSchema.parse(template.toJSON());
    this.resources = Object.entries(Resources).map(([id, resource]) => ({ id, ...resource }));
    this.outputs = Outputs;
    this.terminationProtection = terminationProtection;
  }

  ofType(type: string): Resource[] {
    return this.resources.filter((resource) => resource.Type === type);
  }

  /** The function that the manifest calls `name`; its description begins with it. */
  fn(name: FunctionName): Resource {
    const found = this.ofType('AWS::Lambda::Function').filter(({ Properties }) =>
      String(Properties['Description']).startsWith(`${name}: `),
    );
    return only(found, `function ${name}`);
  }

  byId(id: string): Resource {
    return only(
      this.resources.filter((resource) => resource.id === id),
      `resource ${id}`,
    );
  }
}

/** The one element there must be. */
export function only<T>(found: readonly T[], what: string): T {
  const [first] = found;
  if (first === undefined || found.length > 1) throw new Error(`Expected one ${what}, found ${String(found.length)}.`);
  return first;
}

const referenceSchema = z.union([
  z.object({ Ref: z.string() }).transform(({ Ref }) => Ref),
  z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.string()]) }).transform((value) => value['Fn::GetAtt'][0]),
]);
/** The logical id that a `Ref` or `Fn::GetAtt` points to. */
export const target = (reference: unknown): string => referenceSchema.parse(reference);

export const aDeployment = (overrides: Partial<Deployment> = {}): Deployment => ({
  stage: 'dev',
  target: undefined,
  publicBaseUrl: undefined,
  domain: undefined,
  returnUrls: [],
  consoleOrigins: [],
  mailchimpAppSecret: undefined,
  mailchimpLoginUrl: MAILCHIMP_LOGIN_URL,
  tokenStore: 'secrets',
  cursorKeyIds: ['c1'],
  pkce: true,
  people: { kind: 'pool', domainPrefix: undefined },
  alarmEmail: undefined,
  tags: {},
  ...overrides,
});

const scratch = mkdtempSync(join(tmpdir(), 'email-platform-infra-'));
afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
});
const functionsDir = join(scratch, 'functions');
for (const name of FUNCTION_NAMES) {
  mkdirSync(join(functionsDir, name), { recursive: true });
  writeFileSync(join(functionsDir, name, 'index.mjs'), `export const handler = async () => '${name}';\n`);
  writeFileSync(join(functionsDir, name, 'index.mjs.map'), '{}');
}
const { context } = cdkJsonSchema.parse(JSON.parse(readFileSync('cdk.json', 'utf8')));

export interface SynthesizedApp {
  app: App;
  stages: { stateful: SynthesizedStack; service: SynthesizedStack }[];
}

type Stacks = ReturnType<typeof addDeployment>;
const newApp = (): App => new App({ context, outdir: mkdtempSync(join(scratch, 'out-')) });

export const readStack = (stack: Stacks[number]): SynthesizedStack =>
  new SynthesizedStack(Template.fromStack(stack), stack.terminationProtection);

/** Synthesizes the given stages in one app, with the feature flags of cdk.json and without bundling anything. */
export function synthesizeApp(...deployments: readonly Deployment[]): SynthesizedApp {
  const app = newApp();
  const stacks = deployments.map((deployment) => addDeployment(app, deployment, functionsDir));
  return { app, stages: stacks.map(([stateful, service]) => ({ stateful: readStack(stateful), service: readStack(service) })) };
}

/** Adds a deployment below something else than the app itself. */
export function synthesizeIn(scopeOf: (app: App) => Construct, deployment: Deployment): { app: App; stacks: Stacks } {
  const app = newApp();
  return { app, stacks: addDeployment(scopeOf(app), deployment, functionsDir) };
}

export const synthesize = (overrides: Partial<Deployment> = {}): SynthesizedApp['stages'][number] =>
  only(synthesizeApp(aDeployment(overrides)).stages, 'stage');
