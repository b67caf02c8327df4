/** Looked up once: in a sandboxed context, as test runners use them, every look at a global is slow. */
const { floor, imul, log, min } = Math;

const HOUR = 3_600_000;
/**
 * So many people are thought out one by one; in a larger mailing the next thousand do what the first did, so that
 * a million recipients cost no more.
 */
const CHARACTERS = 1_000;
/** The share of readers who have opened when the mailing is through. The rest comes over hours and days. */
const AT_ONCE = 0.35;
/** A reader who is late is so by this much on average. */
const LATE = 14 * HOUR;
/** The share whose mail client fetches every picture itself, read or not: Apple's mail privacy protection and the like. */
const PROXIED = 0.22;
const CLICKING = 0.19;
const REPEATING = 0.45;
const MOST_REPEATS = 6;
/** From so many on, somebody clicks: the first mailing somebody tries should show what a click looks like. */
const SURELY_CLICKED = 10;

export interface Opening {
  /** Ms after the mailing was through. */
  readonly after: number;
  /** Whether a proxy fetched the pictures, so that nobody knows if a person looked. */
  readonly proxy: boolean;
}

export interface Click {
  readonly after: number;
  /** The place of the link in the content. */
  readonly link: number;
}

/** What becomes of the mail of one recipient. */
export interface Reaction {
  readonly outcome: 'delivered' | 'soft' | 'hard';
  readonly openings: readonly Opening[];
  readonly clicks: readonly Click[];
}

export interface MailingShape {
  /** Decides everything that is left to chance. */
  readonly seed: number;
  readonly recipients: number;
  readonly soft: number;
  readonly hard: number;
}

/**
 * What the recipients of a mailing do with it, one by one: the same for the same seed. Recipient `n` is the n-th
 * person the mailing went to. Keeps a byte for each of a thousand recipients, and works out the rest when asked.
 */
export class Reactions {
  readonly #shape: MailingShape;
  readonly #outcomes: Uint8Array;
  readonly #first: number;

  constructor(shape: MailingShape) {
    this.#shape = shape;
    this.#outcomes = outcomesOf(shape);
    this.#first = this.#outcomes.indexOf(DELIVERED);
  }

  /** How many different recipients there are; the next ones do what these do, in the same order. */
  get characters(): number {
    return this.#outcomes.length;
  }

  /** @throws RangeError for a recipient the mailing does not have */
  of(recipient: number): Reaction {
    if (recipient < 0 || recipient >= this.#shape.recipients) throw new RangeError(`No recipient ${recipient}`);
    const character = recipient % CHARACTERS;
    const outcome = OUTCOMES[this.#outcomes[character] ?? DELIVERED] ?? 'delivered';
    if (outcome !== 'delivered') return { outcome, openings: [], clicks: [] };
    return reactionOf(this.#shape, character, character === this.#first);
  }

  /** How many recipients came to that end. */
  count(outcome: Reaction['outcome']): number {
    const place = OUTCOMES.indexOf(outcome);
    return this.#outcomes.reduce((sum, known, character) => sum + (known === place ? peopleLike(this.#shape, character) : 0), 0);
  }
}

const OUTCOMES = ['delivered', 'soft', 'hard'] as const;
const DELIVERED = 0;

/** How many recipients do what this character does. */
const peopleLike = ({ recipients }: MailingShape, character: number): number =>
  floor(recipients / CHARACTERS) + (character < recipients % CHARACTERS ? 1 : 0);

/** Exactly as many bounces as wanted, or the nearest number below where recipients behave alike. */
function outcomesOf(shape: MailingShape): Uint8Array {
  const outcomes = new Uint8Array(min(shape.recipients, CHARACTERS));
  const left = { soft: shape.soft, hard: shape.hard };
  if (left.soft + left.hard === 0) return outcomes;
  const shuffled = Array.from(outcomes, (_, character) => ({ character, key: chance(shape.seed, character, 0) })).sort(
    (a, b) => a.key - b.key || a.character - b.character,
  );
  for (const { character } of shuffled) {
    const people = peopleLike(shape, character);
    const kind = people <= left.soft ? 'soft' : people <= left.hard ? 'hard' : undefined;
    if (kind === undefined) continue;
    outcomes[character] = OUTCOMES.indexOf(kind);
    left[kind] -= people;
  }
  return outcomes;
}

function reactionOf({ seed, recipients }: MailingShape, character: number, isFirst: boolean): Reaction {
  const dice = new Dice(seed, character);
  const proxy = dice.throw() < PROXIED;
  const interest = 0.26 + 0.12 * chance(seed, 0, 0);
  const reads = dice.throw() < interest || isFirst;
  const openings: Opening[] = [];
  // A proxy fetches within the hour, whether anybody reads or not.
  if (proxy) openings.push({ after: floor(dice.throw() * HOUR), proxy });
  if (!reads) return { outcome: 'delivered', openings, clicks: NO_CLICKS };
  const readAt = dice.throw() < AT_ONCE || isFirst ? 0 : late(dice.throw());
  openings.push({ after: readAt, proxy });
  let at = readAt;
  for (let repeat = 0; repeat < MOST_REPEATS && dice.throw() < REPEATING; repeat += 1) {
    at += late(dice.throw());
    openings.push({ after: at, proxy });
  }
  if (proxy) openings.sort(inTime);
  const clicksSurely = isFirst && recipients >= SURELY_CLICKED;
  if (dice.throw() >= CLICKING && !clicksSurely) return { outcome: 'delivered', openings, clicks: NO_CLICKS };
  const after = clicksSurely ? readAt : readAt + floor(dice.throw() * 600_000);
  const clicks: Click[] = [{ after, link: 0 }];
  if (dice.throw() < 0.3) clicks.push({ after: after + floor(dice.throw() * 60_000), link: 1 });
  if (dice.throw() < 0.25) clicks.push({ after: after + late(dice.throw()), link: 0 });
  return { outcome: 'delivered', openings, clicks: clicks.sort(inTime) };
}

const NO_CLICKS: readonly Click[] = [];
const inTime = (a: { readonly after: number }, b: { readonly after: number }): number => a.after - b.after;

/** The chances of one recipient, one after the other. */
class Dice {
  readonly #seed: number;
  readonly #character: number;
  #thrown = 0;

  constructor(seed: number, character: number) {
    this.#seed = seed;
    this.#character = character;
  }

  throw(): number {
    this.#thrown += 1;
    return chance(this.#seed, this.#character, this.#thrown);
  }
}

/** How late somebody is who is late: exponentially distributed, in whole ms, and no more than a week. */
const late = (fraction: number): number => min(7 * 24 * HOUR, floor(-LATE * log(1 - fraction)));

/** A fraction in [0, 1) out of three integers: an integer hash, because a mailing needs tens of thousands. */
function chance(seed: number, character: number, place: number): number {
  let x = seed ^ imul(character + 1, 0x9e3779b1) ^ imul(place + 1, 0x85ebca6b);
  x = imul(x ^ (x >>> 16), 0x21f0aaad);
  x = imul(x ^ (x >>> 15), 0x735a2d97);
  return ((x ^ (x >>> 15)) >>> 0) / 2 ** 32;
}
