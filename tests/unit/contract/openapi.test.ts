import { expect, it } from '@jest/globals';
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
