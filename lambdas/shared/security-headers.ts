import { sha256 } from '../../src/core/shared/ids.ts';

/**
 * What every answer carries, pages and webhooks included. An answer is for whoever asked and for once; no browser may guess another type
 * for it, run it, frame it, or use it in a page of another origin without CORS. `includeSubDomains` is left out: names below ours are
 * not ours to decide about.
 */
export const SECURITY_HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000',
  'x-content-type-options': 'nosniff',
} as const;

/** No page of ours uses anything of the device. */
const NO_FEATURES = ['camera', 'geolocation', 'microphone', 'payment', 'usb'].map((feature) => `${feature}=()`).join(', ');

/**
 * What a page of ours carries besides. It may use its own style sheet, known by its hash, and nothing else: no script, no picture, no form.
 * `Cross-Origin-Opener-Policy` is for pages only: on the redirect after the consent it would part a window from the console that opened it.
 * @param style the text between the page's `<style>` tags, to the letter
 */
export const pageHeaders = (style: string): Record<string, string> => ({
  'content-security-policy': `default-src 'none'; style-src 'sha256-${Buffer.from(sha256(style), 'hex').toString('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': NO_FEATURES,
});
