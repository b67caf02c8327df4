import type { FaultyStore } from '../support/open-faulty-store.ts';
import { at, type WatchedStage } from './watched-stage.ts';

/** Something that goes wrong, or nearly. */
export interface Scenario {
  when: string;
  /** Has it happen, from `BEGIN` on. */
  happen: (stage: WatchedStage, store: FaultyStore) => Promise<void>;
  /** The alarms that ring within three hours, no others, and after how many minutes at the latest. */
  rings: Readonly<Record<string, number>>;
}

/** In the evening nothing else happens. */
export const BEGIN = at(20);
export const HOURS_LOOKED_AT = 3;
