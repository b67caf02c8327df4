import type * as z from 'zod';
import { ERRORS } from '../core/shared/errors.ts';
import type { AppError } from '../core/shared/app-error.ts';
import { HTTP_STATUS } from './http-status.ts';

/** A refusal by pre-flight is 422; a dead connection or a silent vendor keeps its own status. */
const statusOf = (error: AppError): number =>
  error.extras.refusedByPreflight && HTTP_STATUS[error.code] === 404 ? 422 : HTTP_STATUS[error.code];

/** RFC 9457 with our code, the cause and the fix. @param requestId becomes the instance, so that a report can be found */
export const toProblem = (error: AppError, requestId: string) => ({
  ...error.extras.extra,
  // Relative to the API itself, whose page explains every code.
  type: `/v1/docs#${error.code}`,
  title: ERRORS[error.code].title,
  status: statusOf(error),
  detail: error.message,
  instance: `urn:request:${requestId}`,
  code: error.code,
  cause: error.reason,
  fix: error.fix,
  ...(error.extras.errors && { errors: error.extras.errors }),
  ...(error.extras.vendor && { vendor: error.extras.vendor }),
});

/** One entry per offending field, named as a path such as `emails.3`; never the value itself. */
export function toFieldProblems(error: z.ZodError): { field: string; message: string }[] {
  return error.issues.flatMap((issue) => {
    const path = issue.path.map(String).join('.');
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({ field: [path, key].filter(Boolean).join('.'), message: 'is not a known field' }));
    }
    return [{ field: path || 'body', message: inWords(issue) }];
  });
}

/** What a person can act on, where the validator speaks to programmers. Our own messages are kept. */
function inWords(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type') {
    if (issue.message.endsWith('received undefined')) return 'is required';
    const expected = issue.expected === 'int' ? 'integer' : issue.expected;
    return `must be ${/^[aio]/.test(expected) ? 'an' : 'a'} ${expected}`;
  }
  if (issue.code === 'invalid_value') return `must be one of ${issue.values.map(String).join(', ')}`;
  if (issue.code === 'invalid_format' && issue.message.startsWith('Invalid string')) return 'is not valid';
  return issue.message;
}
