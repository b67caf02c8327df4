import { sha256 } from '../../src/core/shared/ids.ts';

/** What is different in each tenant, all of one length, so that the items of two tenants of a kind have the same sizes. */
export interface TenantNames {
  index: number;
  tenantId: string;
  /** How the ids of its hooks tell that they are its own. */
  hookMark: string;
  /** Whose limit of calls it shares at the vendor. */
  vendorUser: string;
  token: string;
}

/** Tenants repeat themselves after so many: 300 is divisible by all that `tenantProfile` divides by. */
export const KINDS = 300;
/** The tenants whose state all tenants of a kind begin with have indexes of their own. */
const MODELS_FROM = 90_000_000_000;
export const modelOf = (index: number, kinds = KINDS): number => MODELS_FROM + (index % kinds);
export const kindOf = (index: number, kinds = KINDS): number => (index >= MODELS_FROM ? index - MODELS_FROM : index % kinds);

const padded = (index: number, digits: number): string => String(index).padStart(digits, '0');
const ID = /ten_01MODE0000(\d{16})/;

/** @param agency how many tenants in a row have one vendor user */
export function namesOf(index: number, agency = 1): TenantNames {
  const tenantId = `ten_01MODE0000${padded(index, 16)}`;
  const user = index >= MODELS_FROM ? index : Math.floor(index / agency);
  return {
    index,
    tenantId,
    hookMark: sha256(tenantId).slice(0, 8),
    vendorUser: `8${padded(user, 11)}`,
    token: `model-token-${padded(index, 16)}`,
  };
}

/** The tenant that an id or any text with one is of. */
export function indexIn(text: string): number {
  const found = ID.exec(text);
  if (!found) throw new Error(`No tenant of the model is named in: ${text}`);
  return Number(found[1]);
}
export const indexOfToken = (token: string): number => Number(token.slice('model-token-'.length));

/** What one tenant's text is in the mouth of another of its kind. */
export function renamer(from: TenantNames, to: TenantNames): (text: string) => string {
  if (from.index === to.index) return (text) => text;
  return (text) =>
    text.replaceAll(from.tenantId, to.tenantId).replaceAll(from.hookMark, to.hookMark).replaceAll(from.vendorUser, to.vendorUser);
}
