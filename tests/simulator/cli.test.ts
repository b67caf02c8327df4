import { readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import { readCliOptions, UsageError } from '../../local/simulator/cli-options.ts';
import { start } from '../../local/simulator/start.ts';
import { welcome } from '../../local/simulator/welcome.ts';
import { call, openSimulator } from './open-simulator.ts';
import { runProgram } from './run-program.ts';
import { textAt } from './read.ts';

const CLI = ['--import', 'tsx', 'local/simulator/cli.ts'];
const ENVIRONMENT = {
  SIMULATOR_PORT: '4999',
  SIMULATOR_SEED: 'wheat',
  SIMULATOR_STATE_DIR: 'barn',
  SIMULATOR_AUTO_APPROVE: '1',
};

describe('the command line', () => {
  it('starts on port 4010 and asks a person, unless told otherwise', () => {
    expect(readCliOptions([], {})).toEqual({ kind: 'start', options: { port: 4010 }, quiet: false });
  });

  it('understands all of its flags', () => {
    const args = '--port 0 --host ::1 --seed rye --state-dir .sim --auto-approve --empty --quiet'.split(' ');
    const options = { port: 0, host: '::1', seed: 'rye', stateDir: '.sim', autoApprove: true, empty: true };
    expect(readCliOptions(args, {})).toEqual({ kind: 'start', options, quiet: true });
  });

  it('reads the environment, where an empty variable counts as none', () => {
    const options = { port: 4999, seed: 'wheat', stateDir: 'barn', autoApprove: true };
    expect(readCliOptions([], ENVIRONMENT)).toEqual({ kind: 'start', options, quiet: false });
    const empty = { SIMULATOR_PORT: '', SIMULATOR_SEED: '', SIMULATOR_STATE_DIR: '', SIMULATOR_AUTO_APPROVE: '' };
    expect(readCliOptions([], empty)).toEqual(readCliOptions([], {}));
  });

  it('lets a flag win over the variable beside it, even one that is wrong', () => {
    const flags = ['--port', '0', '--seed', 'rye', '--state-dir', 'shed'];
    const { options } = startOf(flags, { ...ENVIRONMENT, SIMULATOR_PORT: 'many' });
    expect(options).toMatchObject({ port: 0, seed: 'rye', stateDir: 'shed' });
  });

  it.each([
    [['--colour'], "Unknown option '--colour'"],
    [['fast'], "Unexpected argument 'fast'"],
    [['--port'], "Option '--port <value>' argument missing"],
    [['--port', '--quiet'], "Option '--port' argument is ambiguous"],
    [['--port', '70000'], "--port must be a number from 0 to 65535, not '70000'"],
    [['--port', '4O10'], "--port must be a number from 0 to 65535, not '4O10'"],
    [['--port='], "--port must be a number from 0 to 65535, not ''"],
  ])('refuses %j in one line', (args, words) => {
    expect(() => readCliOptions(args, {})).toThrow(new UsageError(words));
  });

  it('refuses a variable that is no port', () => {
    expect(() => readCliOptions([], { SIMULATOR_PORT: 'many' })).toThrow(
      "SIMULATOR_PORT must be a number from 0 to 65535, not 'many'",
    );
  });
});

describe('the command', () => {
  it('exits with 2 and one line when it does not understand', async () => {
    expect(await runProgram(process.execPath, [...CLI, '--colour'])).toEqual({
      code: 2,
      out: '',
      err: "mailchimp-simulator: Unknown option '--colour'; --help lists what there is.\n",
    });
  });

  it('says what it can do, and which version it is', async () => {
    const asked = ['-h', '--version'].map((flag) => runProgram(process.execPath, [...CLI, flag]));
    const [help, version] = await Promise.all(asked);
    expect(help).toMatchObject({ code: 0, out: expect.stringContaining('--state-dir'), err: '' });
    const manifest: unknown = JSON.parse(await readFile('local/simulator/package.json', 'utf8'));
    expect(version).toMatchObject({ code: 0, out: `${textAt(manifest, 'version')}\n`, err: '' });
  });
});

describe('what it prints at the start', () => {
  it('can be pasted: a page, a token, and a URL that asks for consent', async () => {
    const { simulator, accountId, close } = await openSimulator();
    const text = await welcome(simulator);
    expect(text).toContain(`account  ${accountId} Harbor Lane Bakery`);
    const page = await call('GET', /page +(\S+)/.exec(text)?.[1] ?? '');
    const [, method = '', tokens = ''] = /curl -s -X (\S+) (\S+)/.exec(text) ?? [];
    const issued = await call(method, tokens);
    const consent = await call('GET', /consent +'(\S+)'/.exec(text)?.[1] ?? '');
    await close();
    expect([page.status, issued.status, consent.status]).toEqual([200, 200, 200]);
    expect(textAt(issued.body, 'access_token')).toMatch(/^[0-9a-f]{32}$/);
    expect(consent.text).toContain('my-app');
  });

  it('follows what was arranged: an app that is registered, consent without a person, no account', async () => {
    const apps = [{ clientId: 'bakery-app', clientSecret: 'flour', redirectUris: ['http://127.0.0.1:9/back'] }];
    const simulator = await start({ apps, autoApprove: true, empty: true });
    const text = await welcome(simulator);
    await simulator.close();
    expect(text).toMatch(/client_id=bakery-app&redirect_uri=http%3A%2F%2F127.0.0.1%3A9%2Fback' \(consents by itself\)$/m);
    expect(text).toContain(`account  none yet: curl -s -X POST ${simulator.url}/_control/accounts`);
  });
});

function startOf(args: readonly string[], environment: Readonly<Record<string, string>>) {
  const command = readCliOptions(args, environment);
  if (command.kind !== 'start') throw new Error('It would not start');
  return command;
}
