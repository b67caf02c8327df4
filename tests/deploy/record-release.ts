import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import * as z from 'zod';
import { RELEASED_STAGE, type ReleasedTemplates } from '../infra/released-templates.ts';
import { synthesize } from './cdk.ts';
import { checkOutRelease } from './check-out-release.ts';

/**
 * Writes down what the release of `previous-release.json` deploys and an upgrade may not change in place, for
 * `tests/infra/upgrade-in-place.test.ts`: `npx tsx tests/deploy/record-release.ts`, once after each release.
 */

const releaseSchema = z.object({ version: z.string(), commit: z.string() });
const templateSchema = z.object({
  Resources: z.record(z.string(), z.object({ Type: z.string(), Properties: z.record(z.string(), z.unknown()).default({}) })),
  Outputs: z.record(z.string(), z.object({ Export: z.object({ Name: z.string() }).optional() })).default({}),
});
const readTemplate = (folder: string, stack: string) =>
  templateSchema.parse(JSON.parse(readFileSync(join(folder, `EmailPlatform-${RELEASED_STAGE}-${stack}.template.json`), 'utf8')));

const project = process.cwd();
const release = releaseSchema.parse(JSON.parse(readFileSync('tests/deploy/previous-release.json', 'utf8')));
const scratch = mkdtempSync(join(tmpdir(), 'email-platform-release-'));
try {
  const checkout = join(scratch, 'release');
  checkOutRelease(project, release.commit, checkout);
  const folder = join(scratch, 'cdk.out');
  synthesize(checkout, folder, { stage: RELEASED_STAGE });
  const resources = Object.entries(readTemplate(folder, 'Service').Resources);
  const ofType = (type: string) => resources.filter(([, { Type }]) => Type === type);
  const recorded: ReleasedTemplates = {
    ...release,
    routes: Object.fromEntries(
      ofType('AWS::ApiGatewayV2::Route').map(([id, { Properties }]) => [id, String(Properties['RouteKey'])]),
    ),
    settings: ofType('AWS::ApiGatewayV2::Stage').flatMap(([, { Properties }]) =>
      Object.keys(Properties['RouteSettings'] ?? {}).toSorted(),
    ),
    exports: Object.values(readTemplate(folder, 'Stateful').Outputs)
      .flatMap(({ Export }) => Export?.Name ?? [])
      .toSorted(),
  };
  const filepath = 'tests/infra/released-templates.json';
  writeFileSync(filepath, await format(JSON.stringify(recorded, null, 2), { ...(await resolveConfig(filepath)), filepath }));
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
