import type { Clock } from './clock.ts';

/** An app that may ask for access to an account. */
export interface App {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Compared letter by letter with what the app sends. */
  readonly redirectUris: readonly string[];
}

/** What a `URLSearchParams` is to its reader, so that these types need neither those of Node nor those of browsers. */
export interface Query extends Iterable<[name: string, value: string]> {
  get(name: string): string | null;
  has(name: string): boolean;
  toString(): string;
}

/**
 * One call of the API or of OAuth, with what was asked and what was answered. For those who hold it against somebody
 * else's documents. It carries addresses, tokens and codes, so it is handed over and kept nowhere.
 */
export interface Exchange {
  /** The one that was meant, where `X-HTTP-Method-Override` named another. */
  readonly method: string;
  /** The pattern of the route, with parameters in braces; empty when there is no such route. */
  readonly route: string;
  readonly path: string;
  readonly query: Query;
  /** JSON, the fields of a form, or text that is neither; undefined without a body. */
  readonly request: unknown;
  /** 0 when the connection was dropped. */
  readonly status: number;
  /** Undefined without a body. */
  readonly answer: unknown;
  /** The kind of the fault that was ordered for this call. */
  readonly fault: string | undefined;
}

/** What can be chosen when a simulator starts; everything has a default. */
export interface SimulatorOptions {
  /** 0, the default, takes a free one. */
  readonly port?: number;
  /** What to bind: `127.0.0.1` unless told. */
  readonly host?: string;
  /** The same seed makes the same ids, people and numbers. A state that is found in `stateDir` keeps its own. */
  readonly seed?: string;
  /** Begins without any account. */
  readonly empty?: boolean;
  /** Somebody else's time; without it the simulator has its own, which `advance` and the control interface can move. */
  readonly clock?: Clock;
  /** A folder for the state, which then survives a crash. */
  readonly stateDir?: string;
  /** `true` consents without asking a person, `false` asks. */
  readonly autoApprove?: boolean;
  /** Until one is registered, every app on this machine is accepted. */
  readonly apps?: readonly App[];
  /** Gets a line per call: method, route, status and time; never an address or a token. */
  readonly log?: (line: string) => void;
  /** Gets every exchange of the API and of OAuth, tokens and all, once it is answered. */
  readonly observe?: (exchange: Exchange) => void;
}

/** A span of time, the sum of its parts. */
export interface Duration {
  readonly ms?: number;
  readonly seconds?: number;
  readonly minutes?: number;
  readonly hours?: number;
  readonly days?: number;
}

/** A running simulator. */
export interface Simulator {
  /** Where it is, without a slash at the end: the login host, the API below `/3.0` and the control interface share it. */
  readonly url: string;
  readonly port: number;
  /**
   * Moves the simulator's own clock forward, and starts what has become due.
   * @throws Error when the clock was given in the options: move that one instead
   */
  readonly advance: (by: Duration) => Promise<void>;
  /**
   * A new access token without the consent page.
   * @param accountId the first account unless told
   * @throws Error when there is no such account
   */
  readonly token: (accountId?: string) => Promise<string>;
  /**
   * A call of the control interface.
   * @param path what follows `/_control`, as in `control('POST', '/settings', { signWebhooks: false })`
   * @returns the JSON of the answer; undefined when there is none
   * @throws Error that says what was refused, and why
   */
  readonly control: (method: string, path: string, body?: unknown) => Promise<unknown>;
  /** Ends it: open connections are closed, and what is pending is kept in `stateDir` only. */
  readonly close: () => Promise<void>;
}
