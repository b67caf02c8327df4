import type { Settings } from '../settings.ts';

/** A setting, and the values at which the quirk is there or gone. */
type Switch = {
  readonly [K in keyof Settings]: { readonly setting: K; readonly on: Settings[K]; readonly off: Settings[K] };
}[keyof Settings];

/** Something about the vendor's API that surprises the authors of clients. */
export interface Quirk {
  /** In kebab-case, and never another: scripts name quirks by it. */
  readonly id: string;
  /** What a client sees of the vendor as it is. */
  readonly on: string;
  /** What a client sees of an API as one would expect it. */
  readonly off: string;
  /** Where it is documented or was seen; `unverified` where nobody says so outright. */
  readonly source: string;
  /** How to turn it; or why no server could be without it. */
  readonly switch: Switch | { readonly none: string };
}

export const DOCS = 'github.com/mailchimp/fern-marketing-api-docs';
export const CHANGELOG = 'mailchimp.com/developer/release-notes';
export const OAUTH_GUIDE = 'mailchimp.com/developer/marketing/guides/access-user-data-oauth-2';
export const WEBHOOK_GUIDE = 'mailchimp.com/developer/marketing/guides/sync-audience-data-webhooks';
export const REFERENCE = 'mailchimp.com/developer/marketing/api';
export const SWAGGER = 'github.com/mailchimp/mailchimp-client-lib-codegen';
export const RECORDED = 'github.com/grouparoo/grouparoo (recorded answers)';
