import type { FieldOf, LogEvent } from './log-events.ts';
import type { LogValue } from './log-fields.ts';

/** What an event may be told with: ids, numbers and words of closed lists. Never an address, a token, a body or an error object. */
export type LogFields<E extends LogEvent> = { readonly [F in FieldOf<E>]?: LogValue<F> };

/** Writes a line. What is not on the list of events and fields does not compile, and would not be written either. */
export type Write = <E extends LogEvent>(event: E, fields?: LogFields<E>) => void;

export interface Log {
  info: Write;
  warn: Write;
  error: Write;
}
