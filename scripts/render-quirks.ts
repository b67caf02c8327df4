import { AREAS, QUIRKS, quirkState, type Area } from '../local/simulator/quirks.ts';
import type { Quirk } from '../local/simulator/quirks/quirk.ts';
import { settingsRecord } from '../local/simulator/settings.ts';

const HEADINGS: Readonly<Record<Area, string>> = {
  connect: 'Connecting',
  transport: 'Every call',
  limits: 'Limits',
  members: 'Audiences and members',
  webhooks: 'Webhooks',
  events: 'What webhooks say',
  campaigns: 'Campaigns',
  reports: 'Reports',
};

/** Where the test of a quirk is: all of an area are in one file, each named after its quirk. */
const testFile = (area: Area): string => `tests/simulator/quirks-${area}.test.ts`;

/** `docs/simulator-quirks.md`, from the tables of the simulator. */
export function renderQuirks(): string {
  const areas = AREAS.map(
    (area) => `## ${HEADINGS[area]}

| quirk | on: what the client sees | off | switch | source | test |
|---|---|---|---|---|---|
${QUIRKS[area].map((quirk) => row(area, quirk)).join('\n')}
`,
  );
  const switched = AREAS.flatMap((area) => QUIRKS[area]).filter((quirk) => !('none' in quirk.switch));
  return `# What surprises clients of Mailchimp

Turn all quirks off (\`POST /_control/quirks {"all":"off"}\`), see your client work; turn them on one by one, and see which one breaks it.
On is the vendor as it is, off the API one would expect; whatever is not marked *asleep* is on from the beginning.

${switched.length} quirks have a switch. A switch is a setting of the [simulator](../local/simulator/README.md#quirks), its two values those for on and off: by
\`POST /_control/settings\` it can be set like every other one. Where a source says unverified, no public
source says it outright, and on is what the simulator chose. This page is printed by \`npm run docs:quirks\`, and a test keeps it equal to the tables in \`local/simulator/quirks/\`.

${areas.join('\n')}`;
}

function row(area: Area, quirk: Quirk): string {
  const { id, on, off, source } = quirk;
  return `| \`${id}\` | ${on} | ${off} | ${switchOf(quirk)} | ${source} | \`${testFile(area)}\` "${id}" |`;
}

function switchOf(quirk: Quirk): string {
  const { switch: turn } = quirk;
  if ('none' in turn) return `none: ${turn.none}`;
  const isAsleep = quirkState(quirk, settingsRecord.parse({})) !== 'on';
  return `\`${turn.setting}\`: \`${turn.on}\`, \`${turn.off}\`${isAsleep ? ' (*asleep*)' : ''}`;
}

if (process.argv[1]?.endsWith('render-quirks.ts')) process.stdout.write(renderQuirks());
