import { fraction } from './ids.ts';
import { Reactions, type Click, type Opening } from './reactions.ts';
import type { Campaign } from './records.ts';
import type { Simulation } from './state.ts';
import { Tally } from './tally.ts';

/** What is counted of a mailing, each by time. */
interface Tallies {
  readonly opens: Tally;
  readonly uniqueOpens: Tally;
  /** Without what proxies fetched. */
  readonly ownOpens: Tally;
  readonly ownUniqueOpens: Tally;
  readonly clicks: Tally;
  /** Unique per link. */
  readonly uniqueClicks: Tally;
  /** Distinct people. */
  readonly clickers: Tally;
}

export interface Mailing extends Tallies {
  readonly reactions: Reactions;
}

interface Kept extends Mailing {
  readonly key: string;
  readonly size: number;
}

/** How many times are kept in memory, at 4 bytes each; beyond, the mailings read longest ago are worked out anew. */
const KEPT_TIMES = 8_000_000;

/** The mailings of one simulator that were looked at lately. */
class Mailings {
  readonly #kept = new Map<string, Kept>();
  #size = 0;

  of(sim: Simulation, campaign: Campaign): Mailing {
    const key = `${sim.state.seed}:${campaign.recipients}:${campaign.softAtDelivery}:${campaign.hardAtDelivery}`;
    const known = this.#kept.get(campaign.id);
    if (known !== undefined) this.#forget(campaign.id, known);
    const mailing = known?.key === key ? known : { ...workOut(sim, campaign), key };
    this.#kept.set(campaign.id, mailing);
    this.#size += mailing.size;
    for (const [id, oldest] of this.#kept) {
      if (this.#size <= KEPT_TIMES || id === campaign.id) break;
      this.#forget(id, oldest);
    }
    return mailing;
  }

  #forget(id: string, mailing: Kept): void {
    this.#kept.delete(id);
    this.#size -= mailing.size;
  }
}

const ofSimulation = new WeakMap<Simulation, Mailings>();

/** What the recipients of a sent campaign do with it. Worked out once, in about 1 ms, whatever the size of the mailing. */
export function mailing(sim: Simulation, campaign: Campaign): Mailing {
  const known = ofSimulation.get(sim) ?? new Mailings();
  ofSimulation.set(sim, known);
  return known.of(sim, campaign);
}

function workOut(sim: Simulation, campaign: Campaign): Mailing & { readonly size: number } {
  const { recipients } = campaign;
  const reactions = new Reactions({
    seed: Math.floor(fraction(`${sim.state.seed}:${campaign.id}:reactions`) * 2 ** 32),
    recipients,
    soft: campaign.softAtDelivery,
    hard: campaign.hardAtDelivery,
  });
  const { characters } = reactions;
  const all = emptyTimes();
  const rest = emptyTimes();
  for (let character = 0; character < characters; character += 1) {
    const { openings, clicks } = reactions.of(character);
    for (const times of character < recipients % characters ? [all, rest] : [all]) {
      addOpenings(times, openings);
      addClicks(times, clicks);
    }
  }
  const rounds = characters === 0 ? 0 : Math.floor(recipients / characters);
  const tally = (name: keyof Tallies): Tally => new Tally(all[name], rest[name], rounds);
  const tallies: Tallies = {
    opens: tally('opens'),
    uniqueOpens: tally('uniqueOpens'),
    ownOpens: tally('ownOpens'),
    ownUniqueOpens: tally('ownUniqueOpens'),
    clicks: tally('clicks'),
    uniqueClicks: tally('uniqueClicks'),
    clickers: tally('clickers'),
  };
  return { reactions, ...tallies, size: sizeOf(tallies) };
}

/** How many times they keep. */
function sizeOf({ opens, uniqueOpens, ownOpens, ownUniqueOpens, clicks, uniqueClicks, clickers }: Tallies): number {
  const all = [opens, uniqueOpens, ownOpens, ownUniqueOpens, clicks, uniqueClicks, clickers];
  return all.reduce((sum, { size }) => sum + size, 0);
}

type Times = Record<keyof Tallies, number[]>;

const emptyTimes = (): Times => ({
  opens: [],
  uniqueOpens: [],
  ownOpens: [],
  ownUniqueOpens: [],
  clicks: [],
  uniqueClicks: [],
  clickers: [],
});

/** The openings of one person, in order of time. */
function addOpenings(times: Times, openings: readonly Opening[]): void {
  let isFirst = true;
  let isFirstOwn = true;
  for (const { after, proxy } of openings) {
    times.opens.push(after);
    if (isFirst) times.uniqueOpens.push(after);
    isFirst = false;
    if (proxy) continue;
    times.ownOpens.push(after);
    if (isFirstOwn) times.ownUniqueOpens.push(after);
    isFirstOwn = false;
  }
}

/** The clicks of one person, in order of time. */
function addClicks(times: Times, clicks: readonly Click[]): void {
  for (const [place, { after, link }] of clicks.entries()) {
    times.clicks.push(after);
    if (place === 0) times.clickers.push(after);
    if (clicks.findIndex((click) => click.link === link) === place) times.uniqueClicks.push(after);
  }
}
