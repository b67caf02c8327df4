import { AppError } from '../../src/core/shared/app-error.ts';
import { toDate, toIso, type Clock } from '../../src/core/shared/clock.ts';
import { hookDaySchema, type HookActivityStore, type HookDay } from '../../src/core/webhook/hook-activity.ts';
import type { Hook, HookStore } from '../../src/core/webhook/hook.ts';
import { tick } from './test-clock.ts';

export interface FakeHooks extends HookStore {
  readonly records: Map<string, Hook>;
}

/** Hooks by their secret's hash; the list leaves out the disconnected ones, as the table's does. */
export function fakeHooks(...present: readonly Hook[]): FakeHooks {
  const records = new Map(present.map((hook) => [hook.secretHash, hook]));
  return {
    records,
    async findBySecretHash(hash) {
      await tick();
      return structuredClone(records.get(hash));
    },
    async put(hook) {
      await tick();
      const isOver = records.get(hook.secretHash)?.status === 'disconnected';
      if (isOver && hook.status === 'disconnected' && hook.heardUntil !== null) return;
      if (isOver && hook.status !== 'disconnected') throw new AppError('not_connected', 'The connection was removed meanwhile.');
      records.set(hook.secretHash, structuredClone(hook));
    },
    async list(tenantId, platform) {
      return (await this.listWithReplaced(tenantId, platform)).filter(({ status }) => status !== 'disconnected');
    },
    async listWithReplaced(tenantId) {
      await tick();
      const all = [...records.values()].filter((hook) => hook.tenantId === tenantId);
      return structuredClone(all.filter(({ status, heardUntil }) => status !== 'disconnected' || heardUntil !== null));
    },
    async remove(hook) {
      await tick();
      records.delete(hook.secretHash);
    },
  };
}

export interface FakeHookActivity extends HookActivityStore {
  /** By audience, newest first. */
  readonly days: Map<string, HookDay[]>;
}

/** What the table counts, in memory. */
export function fakeHookActivity(clock: Clock): FakeHookActivity {
  const days = new Map<string, HookDay[]>();
  const change = async (audienceId: string, work: (day: HookDay, at: string) => Partial<HookDay>): Promise<void> => {
    await tick();
    const known = days.get(audienceId) ?? [];
    const date = toDate(clock.now());
    const today = known.find((day) => day.date === date) ?? hookDaySchema.parse({ date });
    const changed = { ...today, ...work(today, toIso(clock.now())) };
    days.set(audienceId, [changed, ...known.filter((day) => day.date !== date)]);
  };
  return {
    days,
    delivered: (_tenantId, audienceId) =>
      change(audienceId, ({ deliveries }, at) => ({ deliveries: deliveries + 1, rejectedInARow: 0, lastDeliveryAt: at })),
    rejected: (_tenantId, audienceId) =>
      change(audienceId, ({ rejections, rejectedInARow }, at) => ({
        rejections: rejections + 1,
        rejectedInARow: rejectedInARow + 1,
        lastRejectionAt: at,
      })),
    registered: (_tenantId, audienceId) => change(audienceId, (_day, at) => ({ registeredAt: at, rejectedInARow: 0 })),
    async recent(_tenantId, audienceId) {
      await tick();
      return structuredClone(days.get(audienceId) ?? []);
    },
  };
}
