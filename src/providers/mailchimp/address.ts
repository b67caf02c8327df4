import { AppError } from '../../core/shared/app-error.ts';
import { ENDPOINTS, type EndpointName, type Endpoints } from './endpoints.ts';

type IdsIn<Path extends string> = Path extends `${string}{${infer Id}}${infer Rest}` ? Id | IdsIn<Rest> : never;
/** The ids that the path of an endpoint needs. */
export type IdsOf<E extends EndpointName> = Readonly<Record<IdsIn<Endpoints[E]['path']>, string>>;
type Plain = { [E in EndpointName]: [IdsIn<Endpoints[E]['path']>] extends [never] ? E : never }[EndpointName];

type Where<Kind> = { [E in EndpointName]: Endpoints[E] extends Kind ? E : never }[EndpointName];
/** Endpoints whose outcome the client may settle by itself. */
export type Repeatable = Where<{ host: 'api'; repeat: 'safe' | 'unread' }>;
/** Endpoints that are called once, whatever comes of it. */
export type Unrepeatable = Where<{ repeat: 'never' }>;

/** Where one call goes. Only `to` makes one. */
export interface Address<E extends EndpointName = EndpointName> {
  readonly endpoint: E;
  /** Behind the host (and the version), every id encoded. */
  readonly path: string;
}

/** What URLs take for a step within the path, encoded or not. */
const STEPS = new Set(['', '.', '..']);

function encode(id: string): string {
  if (STEPS.has(id)) throw new AppError('vendor_rejected', 'Mailchimp can have nothing with such an id.');
  return encodeURIComponent(id);
}

/**
 * The address of an endpoint: the only place where an id becomes part of a path.
 * @throws AppError `vendor_rejected` for an id that would lead elsewhere and cannot be encoded: nothing, one dot, or two
 */
export function to<E extends Plain>(endpoint: E): Address<E>;
export function to<E extends Exclude<EndpointName, Plain>>(endpoint: E, ids: IdsOf<E>): Address<E>;
export function to(endpoint: EndpointName, ids: Readonly<Record<string, string>> = {}): Address {
  return { endpoint, path: ENDPOINTS[endpoint].path.replace(/\{(\w+)\}/g, (_, id: string) => encode(ids[id] ?? '')) };
}
