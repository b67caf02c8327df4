import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { faultInput } from '../../local/simulator/faults.ts';
import { settingsRecord } from '../../local/simulator/settings.ts';
import { openSimulator } from './open-simulator.ts';
import { columnAt } from './read.ts';

const readme = readFileSync('local/simulator/README.md', 'utf8');

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
});
