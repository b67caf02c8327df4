import { ModernFakeTimers } from '@jest/fake-timers';
import { expect } from 'expect';
import * as fc from 'fast-check';
import { bind } from 'jest-each';
import { ModuleMocker } from 'jest-mock';

/**
 * Stands in for `@jest/globals` while mutants are judged: Mocha runs the same tests in one process that has them loaded,
 * so that a mutant costs milliseconds and not the start of a test environment.
 */
const mocha = globalThis;
const mocker = new ModuleMocker(globalThis);
const timers = new ModernFakeTimers({ config: { rootDir: process.cwd(), fakeTimers: {} }, global: globalThis });

// For each of some thousand mutants a property tries as many cases as it can in this time, and one that fails is enough.
fc.configureGlobal({ interruptAfterTimeLimit: 400, endOnFailure: true });

export { expect };
export const jest = {
  spyOn: (target, name) => mocker.spyOn(target, name),
  restoreAllMocks: () => mocker.restoreAllMocks(),
  useFakeTimers: (config) => timers.useFakeTimers(config),
  advanceTimersByTimeAsync: (ms) => timers.advanceTimersByTimeAsync(ms),
  useRealTimers: () => timers.useRealTimers(),
};
export const describe = Object.assign((title, define) => mocha.describe(title, define), {
  each: bind((title, define) => mocha.describe(title, define), false),
});
export const it = Object.assign((title, run) => mocha.it(title, run), { each: bind((title, run) => mocha.it(title, run)) });
export const beforeAll = (run) => mocha.before(run);
export const afterAll = (run) => mocha.after(run);
export const beforeEach = (run) => mocha.beforeEach(run);
export const afterEach = (run) => mocha.afterEach(run);
