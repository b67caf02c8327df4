import { activeFacts, judge, type Fact, type Reason, type Suppression } from './suppression.ts';

export interface ExplainedEvent extends Omit<Fact, 'kind'> {
  kind: Fact['kind'];
  /** What happened, in a sentence. */
  what: string;
  /** Whether it keeps the address suppressed now. */
  counts: boolean;
  /** Why it counts, or does not. */
  why: string;
}

export interface Explanation {
  suppressed: boolean;
  reason: Reason | null;
  since: string | null;
  /** The rule that decided, in a sentence. */
  rule: string;
  /** That facts came from an earlier address, in a sentence; `null` where the person had none. */
  carried: string | null;
  /** Oldest first. */
  events: ExplainedEvent[];
  /** Whether a lift now would let the address be mailed again, and how; or why not. */
  lift: { possible: boolean; how: string };
}

const DID: Record<Reason, string> = {
  complaint: 'reported a message as spam',
  unsubscribe: 'unsubscribed',
  bounce: 'could not be reached: the address bounced for good',
  manual: 'must not be mailed',
};
const OF: Record<Reason, string> = {
  complaint: 'A complaint',
  bounce: 'A bounce',
  unsubscribe: 'An unsubscribe',
  manual: 'A suppression by hand',
};
const TELLERS: Record<Fact['via'], string> = {
  webhook: 'A webhook told that the person',
  sync: 'A sync found that the person',
  import: 'An imported file said that the person',
  manual: 'Somebody said by hand that the person',
};

const isForEver = ({ kind }: Pick<Fact, 'kind'>): boolean => kind === 'complaint' || kind === 'erasure';

function whatOf({ kind, via, actor }: Fact): string {
  if (kind === 'lift') return 'Somebody lifted what had been said so far.';
  if (kind === 'erasure') return 'The person was erased.';
  // Only what comes from the record of another address names nobody.
  if (kind === 'manual' && via === 'manual' && actor === null) return 'An earlier address of the person must not be mailed.';
  return `${TELLERS[via]} ${DID[kind]}.`;
}

/**
 * Why an address is suppressed or is not, as the gate in front of every mailing decides: by the same facts and the same
 * rule. Of an erased person neither the free text nor who acted is told.
 * @param record what is known, `undefined` when nothing is
 */
export function explainSuppression(record: Pick<Suppression, 'facts' | 'predecessors'> | undefined): Explanation {
  const facts = record?.facts ?? {};
  // A lift comes behind what it cancels, also at the same time.
  const told = Object.values(facts).sort((a, b) => {
    if (a.at !== b.at) return a.at < b.at ? -1 : 1;
    if ((a.kind === 'lift') !== (b.kind === 'lift')) return a.kind === 'lift' ? 1 : -1;
    return a.kind < b.kind ? -1 : 1;
  });
  const active = new Map(activeFacts(facts).map((entry) => [entry.fact, entry]));
  const { reason, since } = judge(facts);
  const isErased = told.some(({ kind }) => kind === 'erasure');
  const liftedAt = told.reduce<string | null>(
    (latest, { kind, againAt }) => (kind === 'lift' && (latest === null || againAt > latest) ? againAt : latest),
    null,
  );

  const whyOf = (fact: Fact): string => {
    if (fact.kind === 'lift') {
      const cancelled = told.filter((one) => one.kind !== 'lift' && !isForEver(one) && one.at <= fact.againAt).length;
      return cancelled > 0 ? `It cancels what was told until ${fact.againAt}.` : 'There was nothing that it could cancel.';
    }
    const entry = active.get(fact);
    if (!entry) return `It was lifted at ${liftedAt}, and not told again since.`;
    const stays = staysBecause(fact, entry.since, liftedAt);
    const decides =
      entry.kind === reason ? 'It decides the reason.' : `${OF[reason ?? entry.kind]} is graver and decides the reason.`;
    return [stays, decides, ...(entry.since === since ? ['Nothing that counts is earlier.'] : [])].join(' ');
  };

  return {
    suppressed: reason !== null,
    reason,
    since,
    rule: ruleOf(reason, isErased, told, liftedAt),
    carried:
      (record?.predecessors.length ?? 0) > 0
        ? 'The person had another address before, and what was told of it counts here as well: some of it may have been told of an earlier address.'
        : null,
    events: told.map((fact) => ({
      ...fact,
      ...(isErased && { vendorReason: null, actor: null }),
      what: whatOf(fact),
      counts: active.has(fact),
      why: whyOf(fact),
    })),
    lift: liftOf(reason, isErased),
  };
}

function staysBecause(fact: Fact, since: string, liftedAt: string | null): string {
  if (fact.kind === 'erasure') return 'Erased people stay suppressed.';
  if (fact.kind === 'complaint') return 'A complaint is never lifted.';
  if (liftedAt === null) return 'It was never lifted.';
  return fact.at > liftedAt
    ? `It was told after the lift of ${liftedAt}.`
    : `It was lifted at ${liftedAt}, but told again, so it counts since ${since}.`;
}

function ruleOf(reason: Reason | null, isErased: boolean, told: readonly Fact[], liftedAt: string | null): string {
  if (isErased) return 'Whoever was erased is never mailed again.';
  if (reason === 'complaint') return 'Whoever reported a message as spam is never mailed again.';
  if (reason !== null) {
    const outranks = reason === 'manual' ? '' : ', and outranks whatever else counts';
    return `${OF[reason]} counts: it was not lifted since it was last told${outranks}.`;
  }
  if (!told.some(({ kind }) => kind !== 'lift')) return 'Nothing was ever told that would suppress the address.';
  return `Everything was lifted at ${liftedAt}, and nothing was told since.`;
}

function liftOf(reason: Reason | null, isErased: boolean): Explanation['lift'] {
  if (reason === null) return { possible: false, how: 'There is nothing to lift.' };
  if (isErased) return { possible: false, how: 'Nothing lifts it: an erased person has to subscribe with another address.' };
  if (reason === 'complaint') return { possible: false, how: 'Nothing lifts a complaint: leave the address out.' };
  return {
    possible: true,
    how: 'An owner or admin lifts it with DELETE /v1/suppressions/{email} and a reason; whatever is told afterwards counts again.',
  };
}
