import { handlePublic, ok } from '../shared/route-handler.ts';

/** Cheap on purpose: no store is asked. `npm run doctor` looks deeper. */
export const health = handlePublic(() => Promise.resolve(ok({ status: 'ok' })));
