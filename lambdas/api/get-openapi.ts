import { buildOpenApi } from '../../src/contract/openapi.ts';
import { requireEnv } from '../../src/runtime/env.ts';
import { handlePublic, ok } from '../shared/route-handler.ts';

export const openapi = handlePublic(() => Promise.resolve(ok(buildOpenApi(requireEnv('PUBLIC_BASE_URL')))));
