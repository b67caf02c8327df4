import { LOG_EVENTS, type LogEvent } from './log-events.ts';
import { LOG_FIELDS, type LogField } from './log-fields.ts';
import { isTelling, REMOVED, type LogKind } from './log-kinds.ts';

/** What is left of a line: the fields that may be written. */
export interface KeptLine {
  event: LogEvent;
  fields: Record<string, string | number | boolean>;
  /** How many were left out or had their value removed. Their names are not kept: a name may say as much as a value. */
  dropped: number;
}

const isEvent = (event: string): event is LogEvent => Object.hasOwn(LOG_EVENTS, event);
const isField = (name: string): name is LogField => Object.hasOwn(LOG_FIELDS, name);

/** @returns the value as it may be written, `undefined` when it may not */
function keptValue(spec: LogKind, value: unknown): string | number | boolean | undefined {
  switch (spec.kind) {
    case 'number':
      return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
    case 'flag':
      return typeof value === 'boolean' ? value : undefined;
    case 'word':
      return typeof value === 'string' && spec.words.includes(value) ? value : undefined;
    case 'id':
      return typeof value === 'string' && spec.pattern.test(value) ? value : undefined;
    case 'text':
      if (typeof value !== 'string') return undefined;
      return isTelling(value) ? REMOVED : value;
  }
}

/** Keeps of what a caller hands over only what the list allows, whatever its type says. Never throws. */
export function keepListed(event: string, given: Readonly<Record<string, unknown>>): KeptLine {
  if (!isEvent(event)) return { event: 'log.unlisted', fields: {}, dropped: Object.keys(given).length + 1 };
  const allowed: readonly LogField[] = LOG_EVENTS[event].fields;
  const fields: KeptLine['fields'] = {};
  let dropped = 0;
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || value === null) continue;
    const kept = isField(name) && allowed.includes(name) ? keptValue(LOG_FIELDS[name], value) : undefined;
    if (kept === undefined || kept === REMOVED) dropped++;
    if (kept !== undefined) fields[name] = kept;
  }
  return { event, fields, dropped };
}

/** One field of the context, if it looks as it should. */
export const keptField = (name: LogField, value: unknown): string | number | boolean | undefined =>
  keptValue(LOG_FIELDS[name], value);
