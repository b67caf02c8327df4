import { newNumber } from './ids.ts';
import type { Audience, Member, Segment } from './records.ts';
import type { Simulation } from './state.ts';

/** The tags of a list: the static segments, which have the members they were given. */
export const tagsOfList = (list: Audience): Segment[] => list.segments.filter(({ options }) => options === undefined);

/** The tags of a member, in the order in which the list got them. */
export const tagsOf = (list: Audience, member: Member): Segment[] =>
  tagsOfList(list).filter(({ name }) => member.tags.includes(name));

/** Makes the tags a list does not have yet: naming one is enough. */
export function addTags(sim: Simulation, list: Audience, names: readonly string[]): void {
  for (const name of names) if (!tagsOfList(list).some((tag) => tag.name === name)) addSegment(sim, list, { name });
}

/** Makes a segment: a static one, or with options one that is worked out anew whenever it is read. */
export function addSegment(sim: Simulation, list: Audience, input: Pick<Segment, 'name' | 'options'>): Segment {
  const segment: Segment = { id: newNumber(sim.state), createdAt: sim.now(), updatedAt: sim.now(), ...input };
  list.segments.push(segment);
  sim.changed();
  return segment;
}
