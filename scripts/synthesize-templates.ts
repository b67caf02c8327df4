import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import * as z from 'zod';
import { readDeployments } from '../bin/read-deployments.ts';
import { addDeployment } from '../lib/add-deployment.ts';
import { FUNCTION_NAMES } from '../src/contract/manifest.ts';
import type { TemplateResource } from './permission-tables.ts';

const cdkJsonSchema = z.object({ context: z.record(z.string(), z.unknown()) });
const resourceSchema = z.object({ Type: z.string(), Properties: z.record(z.string(), z.unknown()).default({}) });
const templateSchema = z.object({ Resources: z.record(z.string(), resourceSchema) });

/** The resources of both stacks of a stage as they are by default, without bundling anything. */
export function synthesizeTemplates(): TemplateResource[] {
  const scratch = mkdtempSync(join(tmpdir(), 'email-platform-synth-'));
  try {
    for (const name of FUNCTION_NAMES) {
      mkdirSync(join(scratch, 'functions', name), { recursive: true });
      writeFileSync(join(scratch, 'functions', name, 'index.mjs'), '');
    }
    const { context } = cdkJsonSchema.parse(JSON.parse(readFileSync('cdk.json', 'utf8')));
    const app = new App({ context, outdir: join(scratch, 'out') });
    for (const deployment of readDeployments(app.node)) addDeployment(app, deployment, join(scratch, 'functions'));
    return app.synth().stacks.flatMap(({ template }) => {
      const { Resources } = templateSchema.parse(template);
      return Object.entries(Resources).map(([id, resource]) => ({ id, ...resource }));
    });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
