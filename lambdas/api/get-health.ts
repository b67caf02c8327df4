import { deploymentMark } from '../../src/core/shared/ids.ts';
import type { StorageApp } from '../shared/compose-storage.ts';
import { handlePublic, ok } from '../shared/route-handler.ts';

/** Cheap on purpose: no store is asked. `npm run doctor` looks deeper, and knows by `deployment` whom it reached. */
export const health = handlePublic((_call, { deploymentId }: Pick<StorageApp, 'deploymentId'>) =>
  Promise.resolve(ok({ status: 'ok', deployment: deploymentMark(deploymentId) })),
);
