import * as z from 'zod';

/**
 * Ends a command that failed: one sentence on stderr, and the exit code. What was given wrongly is told by its name; a stack trace
 * would tell an operator nothing.
 * @returns for `catch` of a command's promise
 */
export const endWithReason =
  (exitCode: number) =>
  (error: unknown): void => {
    const reason =
      error instanceof z.ZodError
        ? error.issues.map(({ path, message }) => `${path.join('.')} ${message}`.trim()).join('; ')
        : error instanceof Error
          ? error.message
          : 'unknown';
    process.stderr.write(`${reason}\n`);
    process.exitCode = exitCode;
  };
