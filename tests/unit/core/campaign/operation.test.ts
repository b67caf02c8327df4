import { describe, expect, it } from '@jest/globals';
import { begin, finish, openOperation, readLedger, withStep } from '../../../../src/core/campaign/ledger.ts';
import {
  addStep,
  endOperation,
  newOperation,
  operationSchema,
  STEP_NAMES,
  type Operation,
} from '../../../../src/core/campaign/operation.ts';
import { AppError } from '../../../../src/core/shared/app-error.ts';
import { toKeptError } from '../../../../src/core/shared/kept-error.ts';
import { aCampaign, TENANT } from '../../../support/factories.ts';
import { fakeOperations } from '../../../support/fake-ledger.ts';
import { testClock } from '../../../support/test-clock.ts';

const NOW = '2026-09-21T06:00:00.000Z';
const open = () => newOperation('send', Date.parse(NOW), 'op_1');
const ERROR = toKeptError(new AppError('vendor_rejected', 'No.'));
const VENDOR_PROBLEM = { status: 503, title: 'Away', detail: null, instance: null, requestId: 'r1', at: NOW };
const namesOf = ({ steps }: Operation): string[] => steps.map(({ name }) => name);

describe('an operation', () => {
  it('begins with nothing known', () => {
    expect(open()).toEqual({
      id: 'op_1',
      kind: 'send',
      startedAt: NOW,
      endedAt: null,
      outcome: null,
      vendorId: null,
      steps: [],
      error: null,
      revision: 0,
    });
    expect(newOperation('edit', Date.parse(NOW)).id).toMatch(/^op_[0-9A-Z]{26}$/);
  });

  it('lists a step, and counts it when it is said again lately', () => {
    const once = addStep(open(), 'seen', NOW, { detail: 'save' });
    expect(once).toMatchObject({
      revision: 1,
      steps: [{ name: 'seen', at: NOW, lastAt: NOW, times: 1, detail: 'save', vendor: null }],
    });
    const later = '2026-09-21T06:01:00.000Z';
    const twice = addStep(once, 'seen', later, { detail: 'save' });
    expect(twice).toMatchObject({ revision: 2, steps: [{ at: NOW, lastAt: later, times: 2 }] });
    expect(twice.steps).toHaveLength(1);
    expect(addStep(twice, 'seen', later, { detail: 'sending' }).steps).toHaveLength(2);
    expect(addStep(twice, 'unreachable', later, { detail: 'save' }).steps).toHaveLength(2);
  });

  it('keeps what the vendor said of a step until it says something else', () => {
    const told = addStep(open(), 'unreachable', NOW, { vendor: VENDOR_PROBLEM });
    expect(addStep(told, 'unreachable', NOW).steps[0]?.vendor).toEqual(VENDOR_PROBLEM);
    const other = { ...VENDOR_PROBLEM, status: 500, title: 'Oh' };
    expect(addStep(told, 'unreachable', NOW, { vendor: other }).steps[0]?.vendor).toEqual(other);
  });

  it('takes what was said more than four steps ago for another story', () => {
    const others = ['claimed', 'waiting', 'unscheduled'] as const;
    const within = others.reduce((all, name) => addStep(all, name, NOW), addStep(open(), 'seen', NOW));
    expect(namesOf(addStep(within, 'seen', NOW))).toEqual(['seen', ...others]);
    const beyond = addStep(within, 'send_busy', NOW);
    expect(namesOf(addStep(beyond, 'seen', NOW))).toEqual(['seen', ...others, 'send_busy', 'seen']);
  });

  it('leaves out the middle of a story of more than sixty steps', () => {
    const steps = Array.from({ length: 61 }, (_, index) => String(index));
    const long = steps.reduce((all, detail) => addStep(all, 'seen', NOW, { detail }), open());
    expect(long.steps.map(({ detail }) => detail)).toEqual([...steps.slice(0, 30), ...steps.slice(31)]);
    const sixty = steps.slice(0, 60).reduce((all, detail) => addStep(all, 'seen', NOW, { detail }), open());
    expect(sixty.steps).toHaveLength(60);
    expect(sixty.steps[30]?.detail).toBe('30');
  });

  it('ends once, with or without an error', () => {
    expect(endOperation(open(), 'succeeded', NOW)).toEqual({ ...open(), endedAt: NOW, outcome: 'succeeded', revision: 1 });
    expect(endOperation(open(), 'failed', NOW, ERROR)).toMatchObject({ outcome: 'failed', error: ERROR });
  });

  it('is kept with every step and outcome it may have', () => {
    for (const outcome of ['succeeded', 'failed', 'taken_back'] as const)
      for (const name of STEP_NAMES) {
        const operation = endOperation(addStep(open(), name, NOW), outcome, NOW);
        expect(operationSchema.parse(operation)).toEqual(operation);
      }
    for (const kind of ['create', 'edit', 'delete', 'test', 'send'] as const)
      expect(operationSchema.parse({ ...open(), kind }).kind).toBe(kind);
    expect(operationSchema.safeParse({ ...open(), kind: 'guess' }).success).toBe(false);
    expect(operationSchema.safeParse({ ...open(), steps: [{ name: 'seen' }] }).success).toBe(false);
  });
});

describe('the ledger of a campaign', () => {
  const deps = () => ({ clock: testClock(NOW), operations: fakeOperations() });

  it('has an operation under way until it ends', () => {
    expect(openOperation({ operation: null })).toBeNull();
    expect(openOperation({ operation: open() })).toEqual(open());
    expect(openOperation({ operation: endOperation(open(), 'failed', NOW) })).toBeNull();
  });

  it('keeps the former operation when another begins', async () => {
    const world = deps();
    const first = await begin(world, aCampaign(), 'edit');
    expect(first.operation).toMatchObject({ kind: 'edit', startedAt: NOW, endedAt: null });
    expect(await world.operations.list(TENANT, first.id)).toEqual([]);
    const second = await begin(world, first, 'send', open());
    expect(second.operation).toEqual(open());
    expect(await world.operations.list(TENANT, first.id)).toEqual([first.operation]);
  });

  it('writes a step and an end into the operation under way, with the draft they are about, and into no other', () => {
    const world = deps();
    const campaign = aCampaign({ operation: open(), vendorId: 'vc9' });
    expect(withStep(world, campaign, 'claimed', { detail: 'so' }).operation).toMatchObject({
      vendorId: 'vc9',
      steps: [{ name: 'claimed', at: NOW, detail: 'so' }],
    });
    expect(finish(world, campaign, 'failed', ERROR).operation).toMatchObject({
      vendorId: 'vc9',
      outcome: 'failed',
      endedAt: NOW,
      error: ERROR,
    });
    for (const operation of [null, endOperation(open(), 'succeeded', NOW)]) {
      const ended = aCampaign({ operation });
      expect(withStep(world, ended, 'claimed')).toBe(ended);
      expect(finish(world, ended, 'failed')).toBe(ended);
    }
  });

  it('is read newest first, the one under way once, though a copy of it was kept', async () => {
    const world = deps();
    const [one, two, three] = ['op_1', 'op_2', 'op_3'].map((id) => ({ ...open(), id }));
    for (const kept of [one, two]) if (kept) await world.operations.put(TENANT, aCampaign().id, kept);
    const ids = async (operation: Operation | null | undefined) =>
      (await readLedger(world, aCampaign({ operation: operation ?? null }))).map(({ id }) => id);
    expect(await ids(three)).toEqual(['op_3', 'op_2', 'op_1']);
    expect(await ids(two)).toEqual(['op_2', 'op_1']);
    expect(await ids(one)).toEqual(['op_2', 'op_1']);
    expect((await ids(null)).toSorted()).toEqual(['op_1', 'op_2']);
  });
});
