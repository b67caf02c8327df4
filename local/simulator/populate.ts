import { generatedMember, populationSize, strideFor } from './generated-members.ts';
import { addList } from './lists.ts';
import { reopenBook } from './member-book.ts';
import type { Account, Audience, GeneratedPopulation } from './records.ts';
import type { Simulation } from './state.ts';

/** Larger populations are computed instead of being stored row by row. */
const STORED_UP_TO = 2_000;
const DAY = 24 * 3_600_000;

export interface Population {
  readonly subscribed?: number | undefined;
  readonly unsubscribed?: number | undefined;
  readonly cleaned?: number | undefined;
  readonly domain?: string | undefined;
  /** The time over which their last changes are spread. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

export interface NewAudience {
  readonly name: string;
  readonly fromEmail?: string | undefined;
  readonly createdAt?: number | undefined;
  readonly members?: Population | undefined;
}

/** Makes a list with generated members, the same ones for the same seed. */
export function addAudience(sim: Simulation, account: Account, input: NewAudience): Audience {
  const domain = (account.domains.find(({ verified }) => verified) ?? account.domains[0])?.domain ?? 'harborlane.test';
  const createdAt = input.createdAt ?? sim.now() - 200 * DAY;
  const list = addList(sim, account, {
    name: input.name,
    createdAt,
    campaignDefaults: { from_name: account.name, from_email: input.fromEmail ?? `hello@${domain}`, subject: '', language: 'en' },
  });
  if (input.members !== undefined) populate(sim, list, input.members);
  return list;
}

/** Fills an empty list. */
export function populate(sim: Simulation, list: Audience, input: Population): void {
  const population: GeneratedPopulation = {
    seed: `${sim.state.seed}:${list.id}`,
    domain: input.domain ?? 'readers.test',
    subscribed: input.subscribed ?? 0,
    unsubscribed: input.unsubscribed ?? 0,
    cleaned: input.cleaned ?? 0,
    from: input.from ?? sim.now() - 100 * DAY,
    to: input.to ?? sim.now() - DAY,
  };
  const size = populationSize(population);
  delete list.statsCache;
  list.nextSeq = size;
  list.lastSubAt = population.to;
  sim.changed();
  if (size > STORED_UP_TO) {
    list.generated = population;
    reopenBook(list);
    return;
  }
  const stride = strideFor(size);
  const book = reopenBook(list);
  for (let index = 0; index < size; index += 1) book.save(generatedMember(population, stride, index, list.accountId));
}
