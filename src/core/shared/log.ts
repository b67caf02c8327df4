/** Ids and numbers only: never an address, a token, a body, a path or an error object. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** A fixed dotted event name in the past tense, and ids. */
export interface Log {
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}
