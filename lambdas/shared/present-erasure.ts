import type * as z from 'zod';
import type { contactAnswer, erasureAnswer } from '../../src/contract/contact.ts';
import { outcomeOf, type ErasureAnswer } from '../../src/core/contact/erase-contact.ts';
import type { Erasure } from '../../src/core/contact/erasure.ts';

const SEE = 'GET /v1/contacts/{email} shows how far it is.';
const OBSTACLES: Readonly<Record<NonNullable<ErasureAnswer['obstacle']>, string>> = {
  away: `A platform is not connected and may hold the person still: reconnect it, and the erasure goes on by itself. ${SEE}`,
  busy: `A platform did not carry it out everywhere; it goes on by itself. ${SEE}`,
  refused: `A platform refused it, for the reason given as code: somebody has to mend that. It is tried again every day by itself, and at once by the same request. ${SEE}`,
  late: `Not every audience was reached in time; it goes on by itself. ${SEE}`,
};

function aliasesLeft({ aliases: { left, cutOff } }: ErasureAnswer): string[] {
  return [
    ...(left.length > 0
      ? [
          `Other addresses that the platform linked to this one were not erased: ${left.length}. GET /v1/contacts/{email} names them; the same request with ?aliases=include erases them too, wherever they belong to the person.`,
        ]
      : []),
    ...(cutOff
      ? ['More than 50 addresses are linked, and the others were not looked at: name one of them in a request of its own.']
      : []),
  ];
}

export const presentErasure = (answer: ErasureAnswer): z.output<typeof erasureAnswer> => {
  const { erased, here, aliases, vendor, obstacle } = answer;
  const remaining = [...(obstacle === null ? [] : [OBSTACLES[obstacle]]), ...aliasesLeft(answer)];
  return {
    erased,
    here: {
      suppressed: true,
      ...here,
      aliases: aliases.erased.length + aliases.left.length,
      aliasesErased: aliases.erased.length,
      aliasesCutOff: aliases.cutOff,
    },
    vendor,
    remaining: remaining.length === 0 ? null : remaining.join(' '),
  };
};

/** How far an erasure is. @param audiences names by id */
export const presentProgress = (
  erasure: Erasure | undefined,
  audiences: ReadonlyMap<string, string>,
): z.output<typeof contactAnswer>['erasure'] => {
  if (!erasure) return null;
  const { state, begunAt, completedAt, problem, aliases } = erasure;
  return {
    state,
    begunAt,
    completedAt,
    problem,
    aliases,
    audiences: Object.entries(erasure.audiences).map(([audienceId, progress]) => ({
      audienceId,
      name: audiences.get(audienceId) ?? null,
      ...outcomeOf(progress, problem),
    })),
  };
};
