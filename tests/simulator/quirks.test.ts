import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { linked, renderQuirks } from '../../scripts/render-quirks.ts';
import { quirkSettings } from '../../local/simulator/quirk-settings.ts';
import { AREAS, QUIRKS } from '../../local/simulator/quirks.ts';
import { settingsRecord } from '../../local/simulator/settings.ts';
import { ROOT } from '../support/read-sources.ts';
import { openSimulator, type Opened } from './open-simulator.ts';
import { at, columnAt, rowsAt, textAt } from './read.ts';

const quirks = AREAS.flatMap((area) => QUIRKS[area]);
const switches = quirks.flatMap(({ switch: turn }) => ('none' in turn ? [] : [turn]));

describe('docs/simulator-quirks.md', () => {
  it('is what the tables of the simulator print', () => {
    expect(readFileSync(join(ROOT, 'docs/simulator-quirks.md'), 'utf8')).toBe(renderQuirks());
  });
});

describe('the sources of quirks', () => {
  it('are links, each of them to its address and no more', () => {
    expect(linked('unverified: a sample in github.com/a/b/issues/1 (2018); mailchimp.com/developer/x-2')).toBe(
      'unverified: a sample in [github.com/a/b/issues/1](https://github.com/a/b/issues/1) (2018); ' +
        '[mailchimp.com/developer/x-2](https://mailchimp.com/developer/x-2)',
    );
    expect(linked('developer.mailchimp.com/documentation, twice')).toBe(
      '[developer.mailchimp.com/documentation](https://developer.mailchimp.com/documentation), twice',
    );
  });
});

describe('the tables of quirks', () => {
  it('have each quirk once', () => {
    const ids = quirks.map(({ id }) => id);
    expect(ids.filter((id) => !/^[a-z\d]+(-[a-z\d]+)+$/.test(id))).toEqual([]);
    expect(ids).toEqual([...new Set(ids)]);
    expect(ids).not.toContain('all');
  });

  it('have a switch for all but the few that say why not', () => {
    const without = quirks.filter(({ switch: turn }) => 'none' in turn);
    expect(without.map(({ id }) => id)).toEqual(['flows-cannot-be-read']);
  });

  it('turn every setting by one quirk at most, and leave out none that exists for a quirk', () => {
    const settings = switches.map(({ setting }) => setting);
    expect(settings).toEqual([...new Set(settings)]);
    expect(Object.keys(quirkSettings).filter((name) => !settings.some((setting) => setting === name))).toEqual([]);
  });

  it.each(switches)('turn $setting to values that it can have', ({ setting, on, off }) => {
    expect(on).not.toBe(off);
    for (const value of [on, off]) {
      expect(settingsRecord.parse({ [setting]: value })).toMatchObject({ [setting]: value });
    }
  });

  it('name a public source, or say that there is none', () => {
    const isPublic = (source: string): boolean => /\b(github\.com\/[\w.-]+\/[\w.-]+|mailchimp\.com\/\w+)/.test(source);
    expect(quirks.filter(({ source }) => !isPublic(source) && !source.startsWith('unverified: ')).map(({ id }) => id)).toEqual(
      [],
    );
  });
});

describe('the switchboard of quirks', () => {
  let opened: Opened;
  beforeAll(async () => {
    opened = await openSimulator();
  });
  afterAll(() => opened.close());
  beforeEach(() => opened.control('POST', '/settings', settingsRecord.parse({})));

  const states = async (): Promise<unknown[]> => columnAt((await opened.control('GET', '/quirks')).body, 'quirks', 'state');
  const stateOf = async (id: string): Promise<unknown> => {
    const rows = rowsAt((await opened.control('GET', '/quirks')).body, 'quirks');
    return at(
      rows.find((row) => textAt(row, 'id') === id),
      'state',
    );
  };

  it('begins with the vendor as it is, but for what would disturb a newcomer', async () => {
    const rows = rowsAt((await opened.control('GET', '/quirks')).body, 'quirks');
    expect(rows.filter((row) => textAt(row, 'state') === 'off').map((row) => textAt(row, 'id'))).toEqual([
      'errors-without-type',
      'throttled-without-body',
      'throttled-by-403',
      'deliveries-twice',
      'deliveries-out-of-order',
      'new-campaigns-are-not-ready',
      'reports-without-proxy-figures',
    ]);
    expect(rows.filter((row) => textAt(row, 'state') === 'between')).toEqual([]);
  });

  it('turns all off and on again, and single ones against the rest', async () => {
    await opened.control('POST', '/quirks', { all: 'off' });
    expect(new Set(await states())).toEqual(new Set(['off', 'always on']));
    await opened.control('POST', '/quirks', { all: 'off', 'pages-of-ten': 'on' });
    expect((await states()).filter((state) => state === 'on')).toHaveLength(1);
    expect(await stateOf('pages-of-ten')).toBe('on');
    await opened.control('POST', '/quirks', { all: 'on' });
    expect(new Set(await states())).toEqual(new Set(['on', 'always on']));
  });

  it('brings back how things began, all of them or single ones', async () => {
    const began = (await opened.control('GET', '/settings')).body;
    await opened.control('POST', '/quirks', { all: 'off' });
    await opened.control('POST', '/quirks', { all: 'default' });
    expect((await opened.control('GET', '/settings')).body).toEqual(began);
    await opened.control('POST', '/quirks', { all: 'on' });
    expect(await stateOf('deliveries-twice')).toBe('on');
    await opened.control('POST', '/quirks', { 'deliveries-twice': 'default' });
    expect([await stateOf('deliveries-twice'), await stateOf('deliveries-out-of-order')]).toEqual(['off', 'on']);
    await opened.control('POST', '/quirks', { all: 'off', 'pages-of-ten': 'default' });
    expect((await states()).filter((state) => state === 'on')).toHaveLength(1);
  });

  it('leaves alone what is not named', async () => {
    await opened.control('POST', '/settings', { defaultCount: 25, deliveryMs: 7 });
    await opened.control('POST', '/quirks', { 'count-is-clamped': 'off' });
    expect((await opened.control('GET', '/settings')).body).toMatchObject({ defaultCount: 25, deliveryMs: 7, clampCount: false });
    expect(await stateOf('pages-of-ten')).toBe('between');
  });

  it.each([{ 'pages-of-eleven': 'off' }, { 'pages-of-ten': 'sometimes' }, { 'flows-cannot-be-read': 'off' }, ['all']])(
    'refuses %j and changes nothing',
    async (body) => {
      const before = (await opened.control('GET', '/settings')).body;
      expect((await opened.control('POST', '/quirks', body)).status).toBe(400);
      expect((await opened.control('GET', '/settings')).body).toEqual(before);
    },
  );
});
