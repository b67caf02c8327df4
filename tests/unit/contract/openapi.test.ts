import { describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { apiRoutes, buildOpenApi } from '../../../src/contract/openapi.ts';

const documentSchema = z.object({
  paths: z.record(z.string(), z.record(z.string(), z.object({ security: z.array(z.record(z.string(), z.array(z.string()))) }))),
  components: z.object({ securitySchemes: z.record(z.string(), z.object({ type: z.string(), scheme: z.string() })) }),
});

it('says that every guarded route takes a key or a token of a person, and the others nothing', () => {
  const { paths, components } = documentSchema.parse(buildOpenApi('https://mail.example.test'));
  for (const { route } of apiRoutes()) {
    const security = paths[route.path]?.[route.method.toLowerCase()]?.security;
    expect([route.path, security]).toEqual([route.path, route.roles ? [{ apiKey: [] }, { person: [] }] : []]);
  }
  const bearer = { type: 'http', scheme: 'bearer' };
  expect(components.securitySchemes).toEqual({ apiKey: bearer, person: bearer });
});

describe('an export as CSV', () => {
  const answerSchema = z.object({
    headers: z.record(z.string(), z.object({ description: z.string() })),
    content: z.record(z.string(), z.object({ schema: z.object({ description: z.string() }) })),
  });
  const { paths } = z
    .object({ paths: z.record(z.string(), z.record(z.string(), z.object({ responses: z.record(z.string(), z.unknown()) }))) })
    .parse(buildOpenApi('https://mail.example.test'));

  it('has a page of text/csv with its columns and the link to the next one, for every route that exports', () => {
    const exports = apiRoutes().filter(({ route }) => route.path.endsWith('/export'));
    expect(exports.map(({ id }) => id).sort()).toEqual(['exportMetrics', 'exportSuppressions']);
    for (const { route } of exports) {
      const { headers, content } = answerSchema.parse(paths[route.path]?.['get']?.responses['200']);
      expect(headers['Link']?.description).toContain('rel="next"');
      expect(Object.keys(content)).toEqual(['text/csv']);
      expect(content['text/csv']?.schema.description).toContain(route.answer.csvColumns?.join(', '));
    }
  });
});

it('tells of a file that is taken in its columns, its limits, and the codes for what is beyond them', () => {
  const found = z
    .object({
      paths: z.looseObject({
        '/v1/suppressions/import': z.object({
          post: z.object({
            requestBody: z.object({ description: z.string(), content: z.record(z.string(), z.object({ example: z.string() })) }),
            responses: z.record(z.string(), z.object({ description: z.string() })),
            'x-error-codes': z.array(z.string()),
          }),
        }),
      }),
    })
    .parse(buildOpenApi('https://mail.example.test')).paths['/v1/suppressions/import'].post;
  expect(Object.keys(found.requestBody.content)).toEqual(['text/csv']);
  for (const word of ['`email`', '`reason`', '`since`', '`note`', '2 MB', '10,000 lines', 'UTF-8'])
    expect(found.requestBody.description).toContain(word);
  expect(found.responses['413']?.description).toContain('payload_too_large');
  expect(found.responses['415']?.description).toContain('unsupported_media_type');
  expect(found['x-error-codes']).toEqual(expect.arrayContaining(['payload_too_large', 'unsupported_media_type']));
});
