import { readFileSync } from 'node:fs';
import * as z from 'zod';

/** The stage that a release is recorded of, with the context as it is by default. */
export const RELEASED_STAGE = 'prod';

const schema = z.object({
  version: z.string(),
  commit: z.string(),
  /** The key of each route, by its logical id. */
  routes: z.record(z.string(), z.string()),
  /** The keys of the routes that have settings of their own. */
  settings: z.array(z.string()),
  /** The names of what the stateful stack exports. */
  exports: z.array(z.string()),
});
export type ReleasedTemplates = z.infer<typeof schema>;

/** What the release before deploys, as `tests/deploy/record-release.ts` wrote it down. */
export const readReleasedTemplates = (): ReleasedTemplates =>
  schema.parse(JSON.parse(readFileSync('tests/infra/released-templates.json', 'utf8')));
