import { DAY, HOUR, SECOND } from '../../src/core/shared/clock.ts';
import { reportOf } from './model-report.ts';
import { tenantProfile, type TenantProfile } from './tenant-profile.ts';

export interface VendorMember {
  id: string;
  email: string;
  changedAt: number;
  /** Whether a webhook told of it. */
  isTold: boolean;
}
interface VendorList {
  id: string;
  name: string;
  members: VendorMember[];
}
export interface VendorWebhook {
  id: string;
  url: string;
  events: unknown;
  sources: unknown;
}

/** What the account of one kind of tenant holds. All times are in ms since the epoch. */
export interface VendorAccountState {
  accountId: string;
  profile: TenantProfile;
  lists: VendorList[];
  reports: object[];
  automations: object[];
}

const YEAR = 365 * DAY;
/** Old campaigns, one in a week; the accounts with very many sent one a day. */
const sentApart = (campaigns: number): number => (campaigns > 100 ? DAY : 7 * DAY);

/** Who leaves the first audience in one day: at equal distances, every other one told by webhook. */
const leaving = (day: number, dayStart: number, { departuresPerDay }: TenantProfile): VendorMember[] =>
  Array.from({ length: departuresPerDay }, (_, index) => ({
    id: `d${day}-${index}`,
    email: `left-${day}-${index}@readers.test`,
    changedAt: Math.floor((dayStart + ((index + 0.5) / departuresPerDay) * DAY) / SECOND) * SECOND,
    // The last one is told, so that no hook is taken for a dead one.
    isTold: (departuresPerDay - index) % 2 === 1,
  }));

/**
 * The account of a kind of tenant as of the beginning of a day, with who leaves on it and on the day before.
 * @param dayStart of the day that is simulated
 */
export function openAccount(kind: number, dayStart: number): VendorAccountState {
  const profile = tenantProfile(kind);
  const lists = Array.from({ length: profile.audiences }, (_, at): VendorList => {
    const before = Array.from({ length: profile.departedPerAudience }, (__, row) => ({
      id: `m${row}`,
      email: `reader-${at}-${row}@readers.test`,
      changedAt: Math.floor((dayStart - 2 * DAY - YEAR + (row / profile.departedPerAudience) * YEAR) / SECOND) * SECOND,
      isTold: false,
    }));
    const days = at === 0 ? [...leaving(-1, dayStart - DAY, profile), ...leaving(0, dayStart, profile)] : [];
    return { id: `list${String(at).padStart(6, '0')}`, name: `Readers ${at}`, members: [...before, ...days] };
  });
  const first = lists[0]?.id ?? '';
  return {
    accountId: `acc${String(kind).padStart(9, '0')}`,
    profile,
    lists,
    reports: Array.from({ length: profile.campaigns }, (_, at) =>
      reportOf(at, first, dayStart - 2 * DAY - 6 * HOUR - at * sentApart(profile.campaigns)),
    ),
    automations: Array.from({ length: profile.automations }, (_, at) => ({
      id: `auto${String(at).padStart(6, '0')}`,
      status: 'sending',
      emails_sent: 900,
      settings: { title: `Welcome ${at}` },
      report_summary: { opens: 500, unique_opens: 400, clicks: 90, subscriber_clicks: 80 },
    })),
  };
}
