import * as z from 'zod';
import {
  accountRecord,
  automationRecord,
  campaignRecord,
  deliveryRecord,
  listRecord,
  templateRecord,
  type Account,
  type Audience,
  type Campaign,
} from './records.ts';
import { settingsRecord } from './settings.ts';

export const appRecord = z.object({ clientId: z.string(), clientSecret: z.string(), redirectUris: z.array(z.string()) });

/** Everything the simulator remembers, in the form in which it is written to disk. */
export const stateRecord = z.object({
  version: z.literal(1),
  seed: z.string(),
  clockOffsetMs: z.number(),
  sequence: z.number(),
  settings: settingsRecord,
  apps: z.array(appRecord),
  /** Keyed by SHA-256: neither a code nor a token can be read from the state. */
  codes: z.record(
    z.string(),
    z.object({
      accountId: z.string(),
      clientId: z.string(),
      redirectUri: z.string(),
      codeChallenge: z.string().default(''),
      issuedAt: z.number(),
      used: z.boolean(),
    }),
  ),
  tokens: z.record(
    z.string(),
    z.object({
      accountId: z.string(),
      clientId: z.string(),
      issuedAt: z.number(),
      /** As it was set when the token was issued; 0 is for ever. */
      lifetimeMs: z.number().default(0),
      revoked: z.boolean(),
      /** Good for new tokens only. */
      refresh: z.boolean().default(false),
    }),
  ),
  accounts: z.array(accountRecord),
  lists: z.record(z.string(), listRecord),
  campaigns: z.record(z.string(), campaignRecord),
  templates: z.array(templateRecord),
  automations: z.array(automationRecord),
  deliveries: z.array(deliveryRecord),
});
export type State = z.infer<typeof stateRecord>;

/** A world without accounts. */
export function emptyState(seed: string): State {
  return {
    version: 1,
    seed,
    clockOffsetMs: 0,
    sequence: 0,
    settings: settingsRecord.parse({}),
    apps: [],
    codes: {},
    tokens: {},
    accounts: [],
    lists: {},
    campaigns: {},
    templates: [],
    automations: [],
    deliveries: [],
  };
}

/** What every part of the simulator works with. */
export interface Simulation {
  state: State;
  /** The simulated time in milliseconds; only signatures use the real one. */
  now(): number;
  /** Must be called after every change of `state`: the answer is held back until it is durable. */
  changed(): void;
  /** Rises with every change. */
  version(): number;
  /** Starts webhook deliveries that have become due. */
  wake(): void;
}

/** An entry of a record, and never something every object inherits. */
export const entry = <T>(record: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined;

/** The lists of one account in the order they were made. */
export function listsOf(sim: Simulation, account: Account): Audience[] {
  return Object.values(sim.state.lists).filter((list) => list.accountId === account.id);
}

/** The campaigns of one account in the order they were made. */
export function campaignsOf(sim: Simulation, account: Account): Campaign[] {
  return Object.values(sim.state.campaigns)
    .filter((campaign) => campaign.accountId === account.id)
    .sort((a, b) => a.seq - b.seq);
}
