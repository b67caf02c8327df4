import type { Audience, AudienceStore } from '../audience/audience.ts';
import { DAY, toDate, toIso, type Clock } from '../shared/clock.ts';
import { runAll } from '../shared/run-all.ts';
import type { HookActivityStore } from '../webhook/hook-activity.ts';
import { coveredSince, type HookStore } from '../webhook/hook.ts';
import { countDrift, NO_DRIFT, plus, type DriftCounts, type UntoldStore } from './drift.ts';
import type { PlatformId } from '../shared/platform-id.ts';

export interface ReadDriftDeps {
  clock: Clock;
  platforms: readonly PlatformId[];
  audiences: AudienceStore;
  hooks: HookStore;
  hookActivity: HookActivityStore;
  untold: UntoldStore;
}

export interface DriftDay extends DriftCounts {
  /** UTC. */
  date: string;
  /** Deliveries that were taken, of any kind. */
  deliveries: number;
}
export interface AudienceDrift extends DriftCounts {
  audience: Audience;
  /** Since when webhooks should tell of it; `null` without one. */
  coveredSince: string | null;
  pending: number;
  lastMissedAt: string | null;
  trend: DriftDay[];
}
export interface DriftReport extends DriftCounts {
  asOf: string;
  pending: number;
  audiences: AudienceDrift[];
  trend: DriftDay[];
}

const AT_ONCE = 16;

/**
 * What webhooks did not tell, audience by audience and day by day of the change. Two queries per audience; about 0.05 RRU
 * more for each departure that a sync told first.
 * @param days UTC days, today among them; 1 to 30
 */
export async function readDrift(deps: ReadDriftDeps, tenantId: string, days: number): Promise<DriftReport> {
  const now = deps.clock.now();
  const dates = Array.from({ length: days }, (_, index) => toDate(now - (days - 1 - index) * DAY));
  const audiences: AudienceDrift[] = [];
  for (const platform of deps.platforms) {
    const hooks = await deps.hooks.list(tenantId, platform);
    const known = await deps.audiences.list(tenantId, platform);
    audiences.push(
      ...(await runAll(known, AT_ONCE, (audience) =>
        readAudience(deps, tenantId, audience, dates, coveredSince(hooks, audience.id), now),
      )),
    );
  }
  return {
    asOf: toIso(now),
    ...audiences.reduce<DriftCounts>(plus, NO_DRIFT),
    pending: audiences.reduce((sum, { pending }) => sum + pending, 0),
    audiences,
    trend: dates.map((date, index) => ({
      date,
      ...audiences.reduce<DriftCounts>((sum, { trend }) => plus(sum, trend[index] ?? NO_DRIFT), NO_DRIFT),
      deliveries: audiences.reduce((sum, { trend }) => sum + (trend[index]?.deliveries ?? 0), 0),
    })),
  };
}

async function readAudience(
  deps: ReadDriftDeps,
  tenantId: string,
  audience: Audience,
  dates: readonly string[],
  since: string | null,
  now: number,
): Promise<AudienceDrift> {
  const [drift, activity] = await Promise.all([
    countDrift(deps.untold.each(tenantId, audience.id), dates[0] ?? '', now),
    deps.hookActivity.recent(tenantId, audience.id, dates.length),
  ]);
  const { missed, healed, late, pending, lastMissedAt } = drift;
  return {
    audience,
    coveredSince: since,
    missed,
    healed,
    late,
    pending,
    lastMissedAt,
    trend: dates.map((date) => ({
      date,
      ...(drift.days.get(date) ?? NO_DRIFT),
      deliveries: activity.find((day) => day.date === date)?.deliveries ?? 0,
    })),
  };
}
