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
  const all = AREAS.flatMap((area) => QUIRKS[area]);
  const without = all.filter((quirk) => 'none' in quirk.switch).map(({ id }) => `\`${id}\``);
  return `# What surprises clients of Mailchimp

On is the vendor as it is, off the API one would expect. To find out which quirk breaks a client, turn them off one at a time
(\`POST /_control/quirks {"<id>":"off"}\`) and see with which one gone the client works; \`{"all":"default"}\` brings back how things began. For a client
that was written for no vendor in particular, turn all off (\`{"all":"off"}\`) and then on one at a time.

With all of them off, this is an ideal API and not Mailchimp: webhooks are JSON and unsigned, \`api_endpoint\` has \`/3.0\` in it, times of
webhooks have a zone, and so on. A correct client of Mailchimp may not understand it, and need not.

What is marked *asleep* is off from the beginning, because it would disturb whoever just wants to try something, or because the vendor does it now and then only;
everything else is on.

${all.length - without.length} of the ${all.length} quirks have a switch; without one is ${without.join(', ')}. A switch is a setting of the [simulator](../local/simulator/README.md#quirks), its two values those for on and off: by
\`POST /_control/settings\` it can be set like every other one. Where a source says unverified, no public
source says it outright, and on is what the simulator chose. In the project the simulator comes from, this page is printed by \`npm run docs:quirks\`,
and a test keeps it equal to the tables in \`local/simulator/quirks/\`; the tests in the last column are there too.

${areas.join('\n')}`;
}

function row(area: Area, quirk: Quirk): string {
  const { id, on, off, source } = quirk;
  return `| \`${id}\` | ${on} | ${off} | ${switchOf(quirk)} | ${linked(source)} | \`${testFile(area)}\` "${id}" |`;
}

/** A text with the addresses in it made links; they go without their scheme in the tables. */
export const linked = (text: string): string =>
  text.replaceAll(
    /\b(?:github\.com|(?:developer\.)?mailchimp\.com)\/[\w./-]*\w/g,
    (address) => `[${address}](https://${address})`,
  );

function switchOf(quirk: Quirk): string {
  const { switch: turn } = quirk;
  if ('none' in turn) return `none: ${turn.none}`;
  const isAsleep = quirkState(quirk, settingsRecord.parse({})) !== 'on';
  return `\`${turn.setting}\`: \`${turn.on}\`, \`${turn.off}\`${isAsleep ? ' (*asleep*)' : ''}`;
}

if (process.argv[1]?.endsWith('render-quirks.ts')) process.stdout.write(renderQuirks());
