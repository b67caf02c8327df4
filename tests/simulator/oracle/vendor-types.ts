import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Ajv, type AnySchemaObject, type ValidateFunction } from 'ajv';
import * as z from 'zod';
import { ruleNames, violationsOf, type Violation } from './violation.ts';

const PACKAGE = '@types/mailchimp__mailchimp_marketing';
const GENERATOR = 'ts-json-schema-generator';

const generated = z.object({ definitions: z.record(z.string(), z.record(z.string(), z.unknown())) });
const manifest = z.object({ version: z.string() });

/** The published types of the vendor's client library, as validators. */
export interface VendorTypes {
  readonly names: readonly string[];
  /** How a value differs from the type of that name. @throws Error when there is no such type */
  violations(type: string, value: unknown): Violation[];
}

/**
 * Reads the types of the vendor's client library. More fields than they name are welcome: they lag behind the API.
 * The schemas take seconds to make and are kept in `node_modules/.cache` for the versions they were made of and with.
 */
export async function openVendorTypes(): Promise<VendorTypes> {
  const { definitions } = await schemas();
  const ajv = new Ajv({ allErrors: true, strict: false, verbose: true, logger: false });
  const rules = new Map<unknown, string>();
  for (const [name, definition] of Object.entries(definitions)) ruleNames(definition, name, rules);
  const compiled = new Map<string, ValidateFunction>();
  const validatorOf = (type: string): ValidateFunction => {
    if (!Object.hasOwn(definitions, type)) throw new Error(`${PACKAGE} has no type ${type}`);
    const known = compiled.get(type);
    if (known !== undefined) return known;
    const schema: AnySchemaObject = { definitions, $ref: `#/definitions/${type}` };
    const validate = ajv.compile(schema);
    compiled.set(type, validate);
    return validate;
  };
  return {
    names: Object.keys(definitions),
    violations: (type, value) => {
      const validate = validatorOf(type);
      return validate(value) ? [] : violationsOf(validate.errors ?? [], rules);
    },
  };
}

async function schemas(): Promise<z.infer<typeof generated>> {
  const file = join('node_modules/.cache/mailchimp-types', `${versionOf(PACKAGE)}-${versionOf(GENERATOR)}.json`);
  try {
    return generated.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    const made = generated.parse(await generate());
    mkdirSync(dirname(file), { recursive: true });
    // Two test processes may do this at once.
    writeFileSync(`${file}.${process.pid}`, JSON.stringify(made));
    renameSync(`${file}.${process.pid}`, file);
    return made;
  }
}

async function generate(): Promise<object> {
  const { createGenerator } = await import('ts-json-schema-generator');
  const path = `node_modules/${PACKAGE}/index.d.ts`;
  return createGenerator({ path, type: '*', skipTypeCheck: true, additionalProperties: true }).createSchema('*');
}

const versionOf = (name: string): string => {
  const json: unknown = createRequire(import.meta.url)(`${name}/package.json`);
  return manifest.parse(json).version;
};
