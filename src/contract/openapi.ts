import * as z from 'zod';
import { problemSchema } from './common.ts';
import type { Route } from './route.ts';
import { ROUTES, ROUTE_IDS } from './routes.ts';

type Json = Record<string, unknown>;

/** A schema as JSON Schema 2020-12, the dialect of OpenAPI 3.1. */
const jsonSchema = (schema: z.ZodType, io: 'input' | 'output'): Json => {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
};

const parametersOf = (schema: z.ZodObject | undefined, where: 'path' | 'query'): Json[] =>
  Object.entries(schema?.shape ?? {}).map(([name, field]) => {
    const type: unknown = field;
    const isZod = type instanceof z.ZodType;
    const required = where === 'path' || (isZod && !type.safeParse(undefined).success);
    return { name, in: where, required, schema: isZod ? jsonSchema(type, 'input') : {} };
  });

const IDEMPOTENCY_KEY: Json = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description:
    'The same request with the same key gets the same answer for 24 hours, with the header idempotent-replay. With another body: 422; while the first is at work: 409.',
  schema: { type: 'string', maxLength: 200 },
};

/** The limits of an uploaded text have codes of their own; the handler of every such route answers with them. */
const bodyProblems = ({ mediaType, maxBytes }: NonNullable<Route['bodyType']>): Json => {
  const content = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };
  return {
    413: { description: `payload_too_large: the body is larger than ${maxBytes / 1024 / 1024} MB.`, content },
    415: { description: `unsupported_media_type: Content-Type is not ${mediaType}.`, content },
  };
};

/** One page of an export, as `lambdas/shared/csv-page.ts` writes it. */
const csvAnswer = (columns: readonly string[]): Json => ({
  headers: {
    Link: {
      description: 'The next page: `<https://…>; rel="next"`. It is not there on the last page.',
      schema: { type: 'string' },
    },
    'Content-Disposition': { description: 'An attachment, with a name for the file.', schema: { type: 'string' } },
  },
  content: {
    'text/csv': {
      schema: {
        type: 'string',
        description: `A header and rows with the columns ${columns.join(', ')}, in UTF-8 with a byte order mark. A cell that a spreadsheet would compute, or that begins with an apostrophe, has one more apostrophe in front.`,
      },
      example: `${columns.map((name) => `"${name}"`).join(',')}\r\n`,
    },
  },
});

function operation(id: string, route: Route): Json {
  const problem = {
    description: `A problem: ${[...route.errors].join(', ') || 'see the list of errors'}.`,
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  };
  const { status, schema, csvColumns } = route.answer;
  const { bodyType } = route;
  return {
    operationId: id,
    summary: route.summary,
    security: route.roles ? [{ apiKey: [] }, { person: [] }] : [],
    ...(route.roles && { 'x-roles': route.roles }),
    'x-error-codes': route.errors,
    ...(route.audit && { 'x-audit': route.audit }),
    parameters: [
      ...parametersOf(route.params, 'path'),
      ...parametersOf(route.query, 'query'),
      ...(route.idempotent ? [IDEMPOTENCY_KEY] : []),
    ],
    ...(route.body && {
      requestBody: {
        required: !route.body.safeParse(undefined).success,
        ...(bodyType && { description: bodyType.description }),
        content: {
          [bodyType?.mediaType ?? 'application/json']: {
            schema: { ...jsonSchema(route.body, 'input'), ...(bodyType && { description: bodyType.description }) },
            ...(bodyType && { example: bodyType.example }),
          },
        },
      },
    }),
    responses: {
      [status]: {
        description: route.summary,
        ...(schema && { content: { 'application/json': { schema: jsonSchema(schema, 'output') } } }),
        ...(csvColumns && csvAnswer(csvColumns)),
      },
      ...(bodyType && bodyProblems(bodyType)),
      default: problem,
    },
  };
}

/** The routes that a client calls: those below `/v1`. */
export const apiRoutes = (): { id: string; route: Route }[] =>
  ROUTE_IDS.map((id) => ({ id, route: ROUTES[id] })).filter(({ route }) => route.path.startsWith('/v1/'));

/** This API as an OpenAPI 3.1 document, made from the route table. @param baseUrl where it is served */
export function buildOpenApi(baseUrl: string): Json {
  const paths: Record<string, Json> = {};
  for (const { id, route } of apiRoutes())
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation(id, route) };
  return {
    openapi: '3.1.0',
    info: {
      title: 'ILLIXIS e-mail platform',
      version: '1',
      description: 'Connect Mailchimp, send campaigns, follow the numbers, never mail anyone who left.',
    },
    servers: [{ url: baseUrl }],
    paths,
    components: {
      securitySchemes: {
        apiKey: { type: 'http', scheme: 'bearer', description: 'A program: ilx_<environment>_<random>.' },
        person: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'A person: the ID token of the OIDC issuer that the deployment believes.',
        },
      },
      schemas: { Problem: jsonSchema(problemSchema, 'output') },
    },
  };
}
