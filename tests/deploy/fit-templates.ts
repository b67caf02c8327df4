import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';

const resourceSchema = z.looseObject({ Type: z.string(), Properties: z.looseObject({}).optional() });
const templateSchema = z.looseObject({ Resources: z.record(z.string(), resourceSchema) });
const variablesSchema = z.looseObject({ Variables: z.record(z.string(), z.unknown()) });
type Resource = z.output<typeof resourceSchema>;

/** What the templates say of addresses, and what they say here: everything the service talks to is on this machine. */
export interface Addresses {
  api: string;
  simulator: string;
  issuer: string;
}

interface Change {
  what: string;
  why: string;
  make: (resource: Resource, addresses: Addresses) => void;
}

/**
 * Everything in which the deployed templates differ from the synthesized ones; `tests/infra/emulator-gaps.test.ts` asserts what
 * the synthesized ones say.
 */
export const TEMPLATE_CHANGES = [
  {
    what: 'the variables of the functions that name other hosts',
    why: 'The templates of a deployment take https alone, and leave MAILCHIMP_API_HOST_OVERRIDE out.',
    make: ({ Type, Properties }, { api, simulator, issuer }) => {
      if (Type !== 'AWS::Lambda::Function' || Properties === undefined) return;
      const read = variablesSchema.safeParse(Properties['Environment']);
      if (!read.success) return;
      const here: Readonly<Record<string, string>> = {
        PUBLIC_BASE_URL: api,
        RETURN_URLS: `${api}/settings/integrations`,
        MAILCHIMP_LOGIN_URL: simulator,
        OIDC_ISSUER: issuer,
      };
      const { Variables } = read.data;
      const changed = Object.entries(Variables).map(([name, value]): [string, unknown] => [name, here[name] ?? value]);
      const override = 'MAILCHIMP_LOGIN_URL' in Variables ? { MAILCHIMP_API_HOST_OVERRIDE: simulator } : {};
      Properties['Environment'] = { Variables: { ...Object.fromEntries(changed), ...override } };
    },
  },
  {
    what: 'alarms over a computed metric, which watch a metric that nobody writes instead',
    why: 'The emulator refuses AWS::CloudWatch::Alarm.Metrics.',
    make: ({ Type, Properties }) => {
      if (Type !== 'AWS::CloudWatch::Alarm' || Properties?.['Metrics'] === undefined) return;
      delete Properties['Metrics'];
      Object.assign(Properties, { Namespace: 'Nobody', MetricName: 'Nothing', Period: 60, Statistic: 'Sum' });
    },
  },
] as const satisfies readonly Change[];

/** The templates of a synthesized folder. */
export function readTemplates(outDir: string) {
  return readdirSync(outDir)
    .filter((name) => name.endsWith('.template.json'))
    .map((name) => join(outDir, name))
    .map((path) => ({ path, template: templateSchema.parse(JSON.parse(readFileSync(path, 'utf8'))) }));
}

/** Makes synthesized templates fit the emulator and the hosts of this machine, in place. */
export function fitTemplates(outDir: string, addresses: Addresses): void {
  for (const { path, template } of readTemplates(outDir)) {
    for (const resource of Object.values(template.Resources)) {
      for (const { make } of TEMPLATE_CHANGES) make(resource, addresses);
    }
    writeFileSync(path, JSON.stringify(template));
  }
}
