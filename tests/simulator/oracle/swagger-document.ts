import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import ajvFormats from 'ajv-formats';
import * as z from 'zod';
import { ruleNames, violationsOf, type Violation } from './violation.ts';
import type { Query } from '../../../local/simulator/public-interface.ts';

/** The environment variable that names a copy of the vendor's Swagger 2.0 document, which cannot be given away with this project. */
export const SWAGGER_VARIABLE = 'MAILCHIMP_SWAGGER';

const schema = z.record(z.string(), z.unknown());
const parameter = z.object({
  name: z.string(),
  in: z.string(),
  enum: z.array(z.unknown()).optional(),
  schema: schema.optional(),
});
const operation = z.object({
  parameters: z.array(parameter).default([]),
  responses: z.record(z.string(), z.object({ schema: schema.optional() })),
});
const swagger = z.object({
  swagger: z.literal('2.0'),
  basePath: z.string(),
  paths: z.record(z.string(), z.record(z.string(), operation)),
});
type Operation = z.infer<typeof operation>;

/** What the document says of one route. */
export interface SwaggerRoute {
  /** The statuses it names beside the errors. */
  readonly statuses: readonly number[];
  answer(status: number, body: unknown): Violation[];
  request(body: unknown): Violation[];
  query(query: Query): Violation[];
}

export interface SwaggerDocument {
  /** @returns undefined when the document has no such route */
  route(method: string, path: string): SwaggerRoute | undefined;
}

/** The document that the environment names; undefined when it names none. */
export function openSwagger(): SwaggerDocument | undefined {
  const file = process.env[SWAGGER_VARIABLE];
  if (file === undefined || file === '') return undefined;
  const { basePath, paths } = swagger.parse(JSON.parse(readFileSync(file, 'utf8')));
  const operations = new Map<string, Operation>();
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, found] of Object.entries(methods)) {
      operations.set(keyOf(method.toUpperCase(), `${basePath}${path}`), found);
    }
  }
  const routes = new Map<string, SwaggerRoute>();
  const compile = validators();
  return {
    route: (method, path) => {
      const key = keyOf(method, path);
      const found = operations.get(key);
      if (found === undefined) return undefined;
      const route = routes.get(key) ?? routeOf(found, compile);
      routes.set(key, route);
      return route;
    },
  };
}

/** Parameters of the path may be called differently. */
const keyOf = (method: string, path: string): string => `${method} ${path.replace(/\{[^}]*\}/g, '{}')}`;

/** How a value differs from a schema. */
type Check = (value: unknown) => Violation[];
type Compile = (given: z.infer<typeof schema>, name: string) => Check;

function validators(): Compile {
  const ajv = new Ajv({ allErrors: true, strict: false, verbose: true, logger: false });
  ajvFormats.default(ajv);
  return (given, name) => {
    const converted = asJsonSchema(given);
    const validate = ajv.compile(converted);
    const rules = ruleNames(converted, name);
    return (value) => (validate(value) ? [] : violationsOf(validate.errors ?? [], rules));
  };
}

/**
 * What of Swagger's dialect has a word in JSON Schema. The document's own `x-oneOf` becomes a union, and a date may be
 * missing, which is the empty string in all answers of the vendor.
 */
function asJsonSchema(given: z.infer<typeof schema>): z.infer<typeof schema> {
  const rewritten: unknown = JSON.parse(JSON.stringify(given), (_, value: unknown) => {
    if (typeof value !== 'object' || value === null) return value;
    const { 'x-oneOf': branches, format, ...others } = schema.parse({ ...value });
    if (branches !== undefined) return { ...others, anyOf: branches };
    if (format === 'date-time') return { ...others, anyOf: [{ const: '' }, { format }] };
    return value;
  });
  return schema.parse(rewritten);
}

function routeOf({ parameters, responses }: Operation, compile: Compile): SwaggerRoute {
  const body = parameters.find((candidate) => candidate.in === 'body')?.schema;
  const request = body === undefined ? undefined : compile(body, '');
  const answers = new Map(
    Object.entries(responses).flatMap(([status, { schema: given }]) =>
      given === undefined ? [] : [[status, compile(given, status === 'default' ? 'problem' : '')]],
    ),
  );
  const named = new Map(
    parameters.filter((candidate) => candidate.in === 'query').map(({ name, enum: values }) => [name, values]),
  );
  return {
    statuses: Object.keys(responses).map(Number),
    answer: (status, value) => answers.get(status < 300 ? String(status) : 'default')?.(value) ?? [],
    request: (value) => request?.(value) ?? [],
    query: (given) => [...given].flatMap(([name, value]) => queryViolations(named, name, value)),
  };
}

/** How clients of old identify themselves; the document has it nowhere. */
const LEGACY_KEY = 'apikey';

function queryViolations(named: ReadonlyMap<string, readonly unknown[] | undefined>, name: string, value: string): Violation[] {
  const violation = (message: string): Violation[] => [{ at: name, rule: `query.${name}`, message, missing: false }];
  if (name === LEGACY_KEY) return [];
  if (!named.has(name)) return violation('is no parameter of this route');
  const values = named.get(name);
  return values === undefined || values.includes(value) ? [] : violation(`must be one of ${values.map(String).join(', ')}`);
}
