import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { readReleasedTemplates, RELEASED_STAGE } from './released-templates.ts';
import { synthesize } from './synthesized.ts';

const released = readReleasedTemplates();

describe('an upgrade of the release before', () => {
  it('is compared with the release that is deployed in the upgrade test', () => {
    const { version, commit } = released;
    expect({ version, commit }).toEqual(JSON.parse(readFileSync('tests/deploy/previous-release.json', 'utf8')));
  });

  it('renames no route in place that has settings, and gives no key to another route', () => {
    const routes = synthesize({ stage: RELEASED_STAGE })
      .service.ofType('AWS::ApiGatewayV2::Route')
      .map(({ id, Properties }): [string, string] => [id, String(Properties['RouteKey'])]);
    const present = Object.fromEntries(routes);
    const idOf = Object.fromEntries(routes.map(([id, key]) => [key, id]));
    const before = Object.entries(released.routes);
    expect(released.settings.length).toBeGreaterThan(0);
    // A stage keeps the settings of the former key until its own turn comes, and API Gateway answers 404 to the rename.
    const renamed = before.filter(
      ([id, key]) => released.settings.includes(key) && present[id] !== undefined && present[id] !== key,
    );
    expect(renamed).toEqual([]);
    // CloudFormation makes the new before it removes the old, and an API has each key once.
    expect(before.filter(([id, key]) => idOf[key] !== undefined && idOf[key] !== id)).toEqual([]);
  });

  it('takes nothing away that the stateful stack handed on, because the service stack still holds it when that is deployed', () => {
    const present = Object.values(synthesize({ stage: RELEASED_STAGE }).stateful.outputs).map(({ Export }) => Export?.Name);
    expect(released.exports.length).toBeGreaterThan(0);
    expect(released.exports.filter((name) => !present.includes(name))).toEqual([]);
  });
});
