import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { withFigures } from '../../bench/figures.ts';
import { functionTable } from '../../scripts/function-table.ts';
import { permissionTables, resourcePolicies, rolePolicies } from '../../scripts/permission-tables.ts';
import { FUNCTION_NAMES, FUNCTIONS } from '../../src/contract/manifest.ts';
import { aDeployment, synthesize, synthesizeApp } from './synthesized.ts';

/** What is documented, and a deployment with everything that can be switched on. */
const plain = synthesize();
const whole = synthesizeApp(
  aDeployment({
    stage: 'prod',
    alarmEmail: 'ops@example.test',
    people: { kind: 'pool', domainPrefix: 'acme-mail' },
    consoleOrigins: ['https://app.example.test'],
    mailchimpAppSecret: {
      arn: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:shared/app-aB3dE9',
      keyArn: 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab',
    },
    domain: {
      name: 'api.example.test',
      certificateArn: 'arn:aws:acm:eu-central-1:111122223333:certificate/8c1b',
      hostedZone: { id: 'Z0123456789', name: 'example.test' },
      keepsDefaultEndpoint: true,
    },
  }),
).stages.flatMap(({ stateful, service }) => [...stateful.resources, ...service.resources]);
const documented = [...plain.stateful.resources, ...plain.service.resources];

describe('the document', () => {
  it('says who may do what as the templates do: npm run -s docs:permissions', () => {
    const text = readFileSync('docs/security.md', 'utf8');
    expect(withFigures(text, permissionTables(documented))).toBe(text);
  });

  it('says what memory and time each function has, and why', () => {
    const text = readFileSync('docs/architecture.md', 'utf8');
    expect(withFigures(text, { functions: functionTable() })).toBe(text);
  });

  it.each(FUNCTION_NAMES)('and the console of AWS give the same reason for the memory and time of %s', (name) => {
    const description = plain.service.fn(name).Properties['Description'];
    expect(description).toBe(`${name}: ${FUNCTIONS[name].reason}`);
    // More than this Lambda refuses.
    expect(String(description).length).toBeLessThanOrEqual(256);
  });
});

describe('a wildcard', () => {
  const ofRoles = rolePolicies(whole);
  const ofResources = resourcePolicies(whole);

  it('is no action of any role', () => {
    expect(ofRoles.length).toBeGreaterThan(FUNCTION_NAMES.length);
    expect(ofRoles.flatMap(({ statement }) => statement.Action).filter((action) => /[*?]/.test(action))).toEqual([]);
  });

  it('is the resource of a role only to put traces, metrics or logs', () => {
    const onEverything = ofRoles
      .filter(({ statement }) => statement.Resource.includes('*'))
      .flatMap(({ statement }) => statement.Action);
    const allowed = /^(xray:Put(TraceSegments|TelemetryRecords)|cloudwatch:PutMetricData|logs:(CreateLogStream|PutLogEvents))$/;
    expect(onEverything.length).toBeGreaterThan(0);
    expect(onEverything.filter((action) => !allowed.test(action))).toEqual([]);
  });

  it('is an action that a resource allows in one place: the key, to the account it belongs to', () => {
    const open = ofResources.filter(
      ({ statement }) => statement.Effect === 'Allow' && statement.Action.some((action) => /[*?]/.test(action)),
    );
    expect(open.map(({ on, statement }) => [on, statement.Action, JSON.stringify(statement.Principal)])).toEqual([
      [
        'AppSecretsTokenKey',
        ['kms:*'],
        expect.stringMatching(/"AWS":\[\{"Fn::Join":.*":iam::",\{"Ref":"AWS::AccountId"\},":root"/),
      ],
    ]);
  });

  it('is nobody whom a resource allows anything', () => {
    const everybody = ofResources.filter(
      ({ statement: { Effect, Principal } }) => Effect === 'Allow' && JSON.stringify(Principal ?? '*').includes('"*"'),
    );
    expect(everybody).toEqual([]);
  });
});

describe('functions and their logs', () => {
  it('are the eight of the manifest, whatever is switched on, and nothing custom', () => {
    const count = (type: string): number => whole.filter(({ Type }) => Type === type).length;
    expect(count('AWS::Lambda::Function')).toBe(FUNCTION_NAMES.length);
    expect(whole.filter(({ Type }) => /^Custom::|CustomResource/.test(Type))).toEqual([]);
    // One for each function and one for the API, none that Lambda makes by itself and keeps for ever.
    expect(count('AWS::Logs::LogGroup')).toBe(FUNCTION_NAMES.length + 1);
    expect(
      whole.filter(({ Type, Properties }) => Type === 'AWS::Logs::LogGroup' && Properties['RetentionInDays'] === undefined),
    ).toEqual([]);
  });
});
