import { firstFrame } from '../../src/core/shared/failure-reason.ts';

function failDeepInside(): never {
  throw new TypeError('nobody may read this');
}

/** A function that fails, and says where as the service's functions do. */
export const handler = (): string | undefined => {
  try {
    return failDeepInside();
  } catch (error) {
    return firstFrame(error);
  }
};
