import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import ajvFormats from 'ajv-formats';
import * as z from 'zod';
import { isEmpty, ruleNames, violationsOf, type Violation } from './violation.ts';
import type { Query } from '../../../local/simulator/public-interface.ts';

/** The environment variable that names a copy of the vendor's Swagger 2.0 document, which cannot be given away with this project. */
export const SWAGGER_VARIABLE = 'MAILCHIMP_SWAGGER';

const schema = z.record(z.string(), z.unknown());
const parameter = z.object({
  name: z.string(),
  in: z.string(),
  required: z.boolean().default(false),
  type: z.string().optional(),
  format: z.string().optional(),
  enum: z.array(z.unknown()).optional(),
  maximum: z.number().optional(),
  schema: schema.optional(),
});
type Parameter = z.infer<typeof parameter>;
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
  return file === undefined || file === '' ? undefined : swaggerOf(JSON.parse(readFileSync(file, 'utf8')));
}

/** @param json a Swagger 2.0 document without references */
export function swaggerOf(json: unknown): SwaggerDocument {
  const { basePath, paths } = swagger.parse(json);
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
type Compile = (given: z.infer<typeof schema>, name: string, read: 'answer' | 'request' | 'query') => Check;

function validators(): Compile {
  const options = { allErrors: true, strict: false, verbose: true, logger: false } as const;
  const ofJson = new Ajv(options);
  ajvFormats.default(ofJson);
  // All of a query is text.
  const ofText = new Ajv({ ...options, coerceTypes: true });
  ofText.addFormat('date-time', (text: string) => !Number.isNaN(Date.parse(text)));
  return (given, name, read) => {
    const ajv = read === 'query' ? ofText : ofJson;
    const converted = read === 'query' ? given : asJsonSchema(given, read === 'request');
    const validate = ajv.compile(converted);
    const rules = ruleNames(converted, name);
    return (value) => (validate(value) ? [] : violationsOf(validate.errors ?? [], rules));
  };
}

/**
 * What of Swagger's dialect has a word in JSON Schema. The document's own `x-oneOf` becomes a union, and a date may be
 * missing, which is the empty string in all answers of the vendor.
 * @param closed allows no property that is not named: a misspelt one would be without effect
 */
function asJsonSchema(given: z.infer<typeof schema>, closed: boolean): z.infer<typeof schema> {
  const rewritten: unknown = JSON.parse(JSON.stringify(given), (_, value: unknown) => {
    if (typeof value !== 'object' || value === null) return value;
    const { 'x-oneOf': branches, format, ...others } = schema.parse({ ...value });
    if (branches !== undefined) return { ...others, anyOf: branches };
    if (format === 'date-time') return { ...others, anyOf: [{ const: '' }, { format }] };
    if (closed && isOpenObject(value)) return { ...value, additionalProperties: false };
    return value;
  });
  return schema.parse(rewritten);
}

/** A schema that names its properties and says nothing of others; the names of properties may be any word, `properties` too. */
const isOpenObject = (value: object): boolean =>
  'properties' in value &&
  !('additionalProperties' in value) &&
  typeof value.properties === 'object' &&
  (!('type' in value) || value.type === 'object');

function routeOf({ parameters, responses }: Operation, compile: Compile): SwaggerRoute {
  const body = parameters.find((candidate) => candidate.in === 'body')?.schema;
  const request = body === undefined ? undefined : compile(body, '', 'request');
  const answers = new Map(
    Object.entries(responses).flatMap(([status, { schema: given }]) =>
      given === undefined ? [] : [[status, compile(given, status === 'default' ? 'problem' : '', 'answer')]],
    ),
  );
  const inQuery = parameters.filter((candidate) => candidate.in === 'query');
  const query = compile(querySchema(inQuery), 'query', 'query');
  return {
    statuses: Object.keys(responses).map(Number),
    answer: (status, value) => answers.get(status < 300 ? String(status) : 'default')?.(value) ?? [],
    request: (value) => request?.(value) ?? (isEmpty(value) ? [] : [NO_BODY]),
    query: (given) => query(Object.fromEntries([...given].filter(([name]) => name !== LEGACY_KEY))),
  };
}

/** How clients of old identify themselves; the document has it nowhere. */
const LEGACY_KEY = 'apikey';

const NO_BODY: Violation = { at: '', rule: 'body', message: 'there must be no body', kind: 'wrong' };

/** Lists are text with commas, which says nothing of what is in them. */
function querySchema(parameters: readonly Parameter[]): z.infer<typeof schema> {
  const rows = parameters.map(({ name, type, format, enum: values, maximum }) => {
    // The document gives only some of the dates their format.
    const isDate = type === 'string' && (format === 'date-time' || /^(since|before)_/.test(name));
    const rule = {
      ...(type !== undefined && { type: type === 'array' ? 'string' : type }),
      ...(isDate && { format: 'date-time' }),
      ...(values !== undefined && { enum: values }),
      ...(maximum !== undefined && { maximum }),
    };
    return [name, rule] as const;
  });
  const required = parameters.flatMap((candidate) => (candidate.required ? [candidate.name] : []));
  return { type: 'object', properties: Object.fromEntries(rows), required, additionalProperties: false };
}
