import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as z from 'zod';
import { addDeployment } from '../../lib/add-deployment.ts';
import type { Deployment } from '../../lib/deployment.ts';
import { FUNCTION_NAMES, MAILCHIMP_LOGIN_URL, type FunctionName } from '../../src/contract/manifest.ts';

const resourceSchema = z.object({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
  DeletionPolicy: z.string().optional(),
  UpdateReplacePolicy: z.string().optional(),
});
const templateSchema = z.object({
  Resources: z.record(z.string(), resourceSchema),
  Outputs: z.record(z.string(), z.object({ Value: z.unknown(), Description: z.string().optional() })).default({}),
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
  publicBaseUrl: undefined,
  returnUrls: [],
  mailchimpLoginUrl: MAILCHIMP_LOGIN_URL,
  tokenStore: 'secrets',
  cursorKeyIds: ['c1'],
  pkce: true,
  people: { kind: 'pool', domainPrefix: undefined },
  alarmEmail: undefined,
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
}
const { context } = cdkJsonSchema.parse(JSON.parse(readFileSync('cdk.json', 'utf8')));

export interface SynthesizedApp {
  app: App;
  stages: { stateful: SynthesizedStack; service: SynthesizedStack }[];
}

/** Synthesizes the given stages in one app, with the feature flags of cdk.json and without bundling anything. */
export function synthesizeApp(...deployments: readonly Deployment[]): SynthesizedApp {
  const app = new App({ context, outdir: mkdtempSync(join(scratch, 'out-')) });
  const stacks = deployments.map((deployment) => addDeployment(app, deployment, functionsDir));
  const read = (stack: (typeof stacks)[number][number]): SynthesizedStack =>
    new SynthesizedStack(Template.fromStack(stack), stack.terminationProtection);
  return { app, stages: stacks.map(([stateful, service]) => ({ stateful: read(stateful), service: read(service) })) };
}

export const synthesize = (overrides: Partial<Deployment> = {}): SynthesizedApp['stages'][number] =>
  only(synthesizeApp(aDeployment(overrides)).stages, 'stage');
