import { LOG_EVENTS, type LogEvent } from '../src/core/shared/log-events.ts';
import { CONTEXT_FIELDS, LOG_FIELDS, type LogField } from '../src/core/shared/log-fields.ts';
import type { LogKind } from '../src/core/shared/log-kinds.ts';

const namesOf = <T extends string>(list: Readonly<Record<T, unknown>>): T[] =>
  Object.keys(list).filter((name): name is T => name in list);

const WORDS_SHOWN = 6;
function looks(spec: LogKind): string {
  if (spec.kind === 'id') return `\`${spec.pattern.source.replaceAll('|', '\\|')}\``;
  if (spec.kind !== 'word') return { number: 'a number', flag: '`true` or `false`', text: 'code, not prose' }[spec.kind];
  const shown = spec.words.slice(0, WORDS_SHOWN).map((word) => `\`${word}\``);
  return shown.join(', ') + (spec.words.length > WORDS_SHOWN ? `, … (${String(spec.words.length)} words)` : '');
}

const eventRow = (name: LogEvent): string => {
  const { by, when, fields } = LOG_EVENTS[name];
  return `| \`${name}\` | ${by} | ${when} | ${fields.map((field) => `\`${field}\``).join(', ')} |`;
};
const fieldRow = (name: LogField): string =>
  `| \`${name}\` | ${LOG_FIELDS[name].kind} | ${looks(LOG_FIELDS[name])} | \`${LOG_FIELDS[name].example}\` |`;

/** `docs/logs.md`, from the closed lists of events and fields. */
export function renderLogs(): string {
  return `# Logs

Every line is one JSON object: \`level\`, \`event\`, \`at\`, what ties it to others (${CONTEXT_FIELDS.map((field) => `\`${field}\``).join(', ')}, where they
are known), and the fields of its event. The events and fields below are all there are. The logger drops what is not on the list, and every value that does
not look as its field says; \`droppedFields\` then tells how many, and an alarm rings. So an address, a token or a secret cannot come into a log, whatever a
caller hands over: ids have a form, words come from closed lists, and a text that may hold more than code is replaced by \`[removed]\`.
How to follow a request is told in [observability.md](observability.md). This page is printed by \`npm run -s docs:logs\`; a test keeps it so.

## Events

| event | by | when | fields |
|---|---|---|---|
${namesOf(LOG_EVENTS).map(eventRow).join('\n')}

*by*: \`api\` the four functions behind the API, \`queues\` both consumers, \`any\` more than one.

## Fields

| field | kind | looks like | example |
|---|---|---|---|
${namesOf(LOG_FIELDS).map(fieldRow).join('\n')}
`;
}

if (process.argv[1]?.endsWith('render-logs.ts')) process.stdout.write(renderLogs());
