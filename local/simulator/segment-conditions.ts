import { ApiProblem, invalidResource } from './problem.ts';
import type { Audience, Member } from './records.ts';
import type { SegmentOptions } from './segment-options.ts';
import { entry } from './state.ts';

type Condition = NonNullable<SegmentOptions['conditions']>[number];
type Predicate = (member: Member) => boolean;

/** Of the vendor's many conditions, those whose outcome the simulated world knows. */
const TESTS: Readonly<Record<string, (list: Audience, condition: Condition) => Predicate | undefined>> = {
  StaticSegment: (list, { op, value }) => {
    const tag = list.segments.find(({ id, options }) => options === undefined && id === Number(value));
    if (tag === undefined) return undefined;
    const has: Predicate = (member) => member.tags.includes(tag.name);
    return op === 'static_is' ? has : op === 'static_not' ? (member) => !has(member) : undefined;
  },
  Interests: (_, { op, value }) => {
    if (!Array.isArray(value)) return undefined;
    const wanted = value.map(String);
    const has =
      (member: Member) =>
      (id: string): boolean =>
        member.interests[id] === true;
    if (op === 'interestcontains') return (member) => wanted.some(has(member));
    if (op === 'interestcontainsall') return (member) => wanted.every(has(member));
    return op === 'interestnotcontains' ? (member) => !wanted.some(has(member)) : undefined;
  },
};

/**
 * Who belongs to a segment.
 * @throws ApiProblem 400 for a segment that does not exist and for conditions that are not simulated: mailing everybody
 *   instead would be worse
 */
export function segmentOf(list: Audience, options: SegmentOptions | undefined, field = 'segment_opts'): Predicate {
  const saved = options?.saved_segment_id;
  if (saved !== undefined && saved !== 0) return savedSegment(list, saved, field);
  const tests = (options?.conditions ?? []).map((condition, index) => {
    const test = entry(TESTS, condition.condition_type)?.(list, condition);
    if (test !== undefined) return test;
    const known = `The simulator knows ${Object.keys(TESTS).join(' and ')}, with a segment that exists.`;
    throw invalidResource([{ field: `${field}.conditions.${index}`, message: known }]);
  });
  if (tests.length === 0) return () => true;
  return options?.match === 'any'
    ? (member) => tests.some((test) => test(member))
    : (member) => tests.every((test) => test(member));
}

function savedSegment(list: Audience, id: number, field: string): Predicate {
  const segment = list.segments.find((candidate) => candidate.id === id);
  if (segment === undefined)
    throw invalidResource([{ field: `${field}.saved_segment_id`, message: 'The segment does not exist.' }]);
  const { name, options } = segment;
  return options === undefined ? (member) => member.tags.includes(name) : segmentOf(list, options, field);
}

/**
 * Refuses a segment that could not be evaluated later.
 * @throws ApiProblem 400, as `segmentOf`
 */
export function checkSegment(list: Audience, options: SegmentOptions | undefined, field: string): void {
  segmentOf(list, options, field);
}

/** The same for a segment that may have lost what it refers to: nobody belongs to it then. */
export function livingSegment(list: Audience, options: SegmentOptions | undefined): Predicate {
  try {
    return segmentOf(list, options);
  } catch (error) {
    if (error instanceof ApiProblem) return () => false;
    throw error;
  }
}
