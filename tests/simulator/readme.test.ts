import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { API_ROUTES } from '../../local/simulator/api.ts';
import { faultInput } from '../../local/simulator/faults.ts';
import { match } from '../../local/simulator/router.ts';
import { settingsRecord } from '../../local/simulator/settings.ts';
import { openSimulator } from './open-simulator.ts';
import { columnAt } from './read.ts';

const readme = readFileSync('local/simulator/README.md', 'utf8');
const publicInterface = readFileSync('local/simulator/public-interface.ts', 'utf8');

describe('the description of the simulator', () => {
  it('has every route of the control interface, and no other', async () => {
    const opened = await openSimulator();
    const routes = columnAt((await opened.control('GET', '')).body, 'routes', 'call');
    await opened.close();
    const described = [...readme.matchAll(/^\| `((?:GET|POST|PATCH|DELETE) \/_control[^`]*)`/gm)].map(([, route]) => route);
    expect(described.toSorted()).toEqual(routes.map(String).toSorted());
  });

  it.each(Object.keys(settingsRecord.shape))('has the setting %s', (name) => {
    expect(readme).toMatch(new RegExp(`^\\| .*\`${name}\`.* \\|`, 'm'));
  });

  it.each(faultInput.shape.kind.options)('has the fault %s', (kind) => {
    expect(readme).toMatch(new RegExp(`^\\| .*\`${kind}\`.* \\|`, 'm'));
  });

  it('has every option of start, and no other', () => {
    const [, options = ''] = /interface SimulatorOptions \{([\s\S]*?)\n\}/.exec(publicInterface) ?? [];
    const names = [...options.matchAll(/^ {2}readonly (\w+)\?:/gm)].map(([, name]) => name);
    const [, table = ''] = /\n### `start\(options\)`\n([\s\S]*?)\n\nIt rejects/.exec(readme) ?? [];
    expect([...table.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name).toSorted()).toEqual(names.toSorted());
  });

  it('calls nothing missing that is there', () => {
    const missing = pathsOf(/\n- Answered with 404, among others: ([\s\S]*?)\n- /);
    expect(missing).toContain('/batches');
    expect(missing.filter((path) => match(API_ROUTES, 'GET', path).kind !== 'unknown')).toEqual([]);
  });

  it('lets every command say itself where the simulator is', () => {
    const blocks = [...readme.matchAll(/\n```sh\n([\s\S]*?)```/g)].map(([, block]) => block ?? '');
    const calling = blocks.filter((block) => block.includes('curl'));
    expect(calling.length).toBeGreaterThan(3);
    expect(calling.filter((block) => !block.startsWith('SIM=${SIM:-http://127.0.0.1:4010}\n'))).toEqual([]);
  });

  it('names every detail of a report', () => {
    const details = API_ROUTES.map(({ path }) => path).filter((path) => path.startsWith('/reports/{campaign_id}/'));
    const named = pathsOf(/Reports and their details \(([\s\S]*?)\)/);
    expect(named.toSorted()).toEqual(details.toSorted());
  });
});

/** The paths between backticks in a part of the text. */
function pathsOf(part: RegExp): string[] {
  const [, text = ''] = part.exec(readme) ?? [];
  return [...text.matchAll(/`(\/[^`]*)`/g)].map(([, path]) => path ?? '');
}
