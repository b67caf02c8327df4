import { describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { AppError } from '../../../../src/core/shared/app-error.ts';
import { failureReason, faultOf, firstFrame } from '../../../../src/core/shared/failure-reason.ts';

const withStack = (message: string, ...frames: string[]): Error =>
  Object.assign(new Error(message), { stack: [`Error: ${message}`, ...frames].join('\n') });

describe('the reason of a failure', () => {
  it.each([
    ['    at runSync (file:///var/task/index.mjs:812:9)', 'runSync (index.mjs:812:9)'],
    ['    at async Object.send (/var/task/index.mjs:1:22)', 'async Object.send (index.mjs:1:22)'],
    ['    at file:///var/task/index.mjs:5:6', 'index.mjs:5:6'],
    [
      '    at process.processTicksAndRejections (node:internal/process/task_queues:105:5)',
      'process.processTicksAndRejections (task_queues:105:5)',
    ],
    ['    at nowhere', undefined],
  ])('names the place of %s without its folders', (frame, place) => {
    expect(firstFrame(withStack('x', frame))).toBe(place);
  });

  it('takes no line of a message for a place', () => {
    const error = withStack('first\n    at secret (ada@acme.test/key.txt:1:2)', '    at work (/var/task/index.mjs:3:4)');
    expect(failureReason(error)).toBe('Error at work (index.mjs:3:4)');
  });

  it('is the code of an error that was thrown on purpose', () => {
    expect(failureReason(new AppError('service_unavailable', 'ada@acme.test'))).toMatch(
      /^service_unavailable at .*test\.ts:\d+:\d+\)?$/,
    );
  });

  it('names the fields that fit no schema, and not what they hold', () => {
    const { error } = z.object({ kind: z.literal('sync'), step: z.int() }).safeParse({ kind: 'ada@acme.test', step: 'x' });
    expect(failureReason(error)).toBe('ZodError in kind, step');
  });

  it('is short, whatever was thrown', () => {
    const strange = Object.assign(new Error('x'), { name: 'ada@acme.test '.repeat(50) });
    expect(failureReason(strange)).toMatch(/^unknown at /);
    expect(failureReason('ada@acme.test')).toBe('unknown');
    expect([strange, 'ada@acme.test', new RangeError('x'), new AppError('not_found', 'x')].map(faultOf)).toEqual([
      'unknown',
      'unknown',
      'RangeError',
      'not_found',
    ]);
    expect(failureReason(withStack('x', `    at ${'a'.repeat(80)} (${'b'.repeat(60)}:${'1'.repeat(90)}:1)`)).length).toBe(200);
  });
});
