/** Something the person who starts the stack can put right; shown as one line, without a stack trace. */
export class StackError extends Error {
  override readonly name = 'StackError';
}
