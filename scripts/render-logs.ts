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

Every line that our code logs is one JSON object: \`level\`, \`event\`, \`at\`, what ties it to others (${CONTEXT_FIELDS.map((field) => `\`${field}\``).join(', ')}, where they
are known), and the fields of its event. The logger knows no other events and fields than those below. It drops what is not on the list, and every value that
does not look as its field says; \`droppedFields\` then tells how many, and an alarm rings. Ids have a form and words come from closed lists, so neither can hold
an address, a token or a secret, whatever a caller hands over. The three texts (\`field\`, \`reason\`, \`where\`) are judged by their letters: what looks like an address, a URL, a
token or a secret is replaced by \`[removed]\`. A sentence in plain letters would pass; that none comes is the work of the few places that fill them with names of
classes, functions, files and fields, and never with the message of an error.

Two kinds of lines in the same log groups are in another form. Metrics are printed in CloudWatch's embedded format ([observability.md](observability.md)), whose
names and values come from closed lists too. And Lambda writes its own: that a function begins, ends, takes too long or runs out of memory. What a function throws it
would print with message and stack; so whatever is thrown is told as \`invocation.failed\`, and Lambda is given an error in our words alone.
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
