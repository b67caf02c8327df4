import { checkContent } from '../../src/core/campaign/check-content.ts';
import type { HostStanding } from '../../src/core/shared/public-host.ts';
import { mailchimpMarkup } from '../../src/providers/mailchimp/compliance-tags.ts';

/** What the law asks for. */
export const LAWFUL = '*|UNSUB|* *|LIST:ADDRESS|*';

/** What pre-flight says of a content. @param hosts what the DNS knows; every other host is public */
export function inspect(html: string, hosts: Readonly<Record<string, HostStanding>> = {}) {
  const asked: string[] = [];
  const findings = checkContent(html, mailchimpMarkup, (host) => {
    asked.push(host);
    return Promise.resolve(hosts[host] ?? 'public');
  });
  return findings.then((all) => ({ all, asked, codes: all.map(({ code }) => code) }));
}
export const linkTo = (href: string): string => `<p>${LAWFUL}</p>\n<a href="${href}">Shop</a>`;
