import { links, ok, type ApiCall, type Answer, type Route } from './api-call.ts';
import { isoSeconds, parseDate, toSecond } from './dates.ts';
import { intendedRecipients } from './intended-recipients.ts';
import { mailing } from './mailing.ts';
import { pageOf } from './paging.ts';
import type { Click, Opening, Reaction } from './reactions.ts';
import { recipientAt } from './recipients.ts';
import type { Recipients } from './recipients-record.ts';
import type { Audience, Campaign, Member } from './records.ts';
import { elapsedOf, rate, reportOf } from './report-numbers.ts';
import { reportedCampaign } from './reported-campaign.ts';

const PATH = '/reports/{campaign_id}';
/** Bounces are known when the mailing is through. */
const AT_DELIVERY = { after: 0 };

/** Who did what with a mailing. https://mailchimp.com/developer/marketing/api/sent-to-reports/ and its neighbours. */
export const reportDetailRoutes: readonly Route[] = [
  { method: 'GET', path: `${PATH}/sent-to`, handle: sentTo },
  { method: 'GET', path: `${PATH}/open-details`, handle: openDetails },
  { method: 'GET', path: `${PATH}/click-details`, handle: clickDetails },
  { method: 'GET', path: `${PATH}/email-activity`, handle: emailActivity },
];

/** A recipient who can still be named, and what came of the mail until now. */
interface Seen {
  readonly member: Member;
  readonly outcome: Reaction['outcome'];
  readonly openings: readonly Opening[];
  readonly clicks: readonly Click[];
}

/** A sent campaign and how to read its recipients; of campaigns that were not sent here, those who would get it now. */
class Delivered {
  readonly campaign: Campaign;
  readonly #call: ApiCall;
  readonly #list: Audience | undefined;
  readonly #recipients: Recipients;
  readonly #elapsed: number;

  constructor(call: ApiCall) {
    this.#call = call;
    this.campaign = reportedCampaign(call);
    this.#list = call.sim.state.lists[this.campaign.listId];
    this.#recipients =
      this.campaign.sentTo ?? (this.#list === undefined ? { rows: [] } : intendedRecipients(this.#list, this.campaign));
    this.#elapsed = elapsedOf(call.sim, this.campaign);
  }

  /** One page of the recipients whose reaction is wanted, and how many there are. Costs about 50 ns per recipient. */
  page(isWanted: (seen: Omit<Seen, 'member'>) => boolean): { readonly rows: Seen[]; readonly total: number } {
    const { offset, count } = pageOf(this.#call.query);
    const rows: Seen[] = [];
    // With the audience its people are gone, and nobody can be named.
    if (this.#list === undefined || this.campaign.sentAt === undefined) return { rows, total: 0 };
    const { reactions } = mailing(this.#call.sim, this.campaign);
    const seen = Array.from({ length: reactions.characters }, (_, character) => this.#until(reactions.of(character)));
    const wanted = seen.map(isWanted);
    let total = 0;
    for (let recipient = 0; recipient < this.campaign.recipients; recipient += 1) {
      const character = recipient % seen.length;
      const reaction = seen[character];
      if (wanted[character] !== true || reaction === undefined) continue;
      if (total >= offset && total < offset + count) {
        const member = recipientAt(this.#list, this.#recipients, recipient);
        if (member !== undefined) rows.push({ member, ...reaction });
      }
      total += 1;
    }
    return { rows, total };
  }

  /** When something happened, as the API writes it. */
  timeOf({ after }: { readonly after: number }): string {
    return isoSeconds(Math.min(this.#call.sim.now(), (this.campaign.sentAt ?? 0) + after));
  }

  /** What every row of every detail says of the campaign and the member. */
  identity({ member }: Seen): Record<string, unknown> {
    return {
      campaign_id: this.campaign.id,
      list_id: this.campaign.listId,
      list_is_active: this.#list !== undefined,
      email_id: member.id,
      email_address: member.email,
    };
  }

  /** Whether an event came after that second. */
  isSince(since: number): (event: { readonly after: number }) => boolean {
    return (event) => toSecond((this.campaign.sentAt ?? 0) + event.after) > since;
  }

  #until({ outcome, openings, clicks }: Reaction): Omit<Seen, 'member'> {
    const happened = ({ after }: { readonly after: number }): boolean => after <= this.#elapsed;
    return { outcome, openings: openings.filter(happened), clicks: clicks.filter(happened) };
  }
}

/** The bound of `since`, in seconds; everything is later than none. */
function sinceOf({ query }: ApiCall): number {
  const text = query.get('since');
  return text === null ? -Infinity : toSecond(parseDate(text, 'since'));
}

const linkTo = (call: ApiCall, { campaign }: Delivered, name: string): object[] =>
  links(call.account, `/reports/${campaign.id}/${name}`);

function sentTo(call: ApiCall): Answer {
  const delivered = new Delivered(call);
  const { rows, total } = delivered.page(() => true);
  return ok({
    sent_to: rows.map((seen) => ({
      ...delivered.identity(seen),
      merge_fields: seen.member.mergeFields,
      vip: seen.member.vip,
      status: seen.outcome === 'delivered' ? 'sent' : seen.outcome,
      open_count: seen.openings.length,
      last_open: lastOf(delivered, seen.openings),
      gmt_offset: 0,
    })),
    campaign_id: delivered.campaign.id,
    total_items: total,
    _links: linkTo(call, delivered, 'sent-to'),
  });
}

function lastOf(delivered: Delivered, events: readonly { readonly after: number }[]): string {
  const last = events.at(-1);
  return last === undefined ? '' : delivered.timeOf(last);
}

function openDetails(call: ApiCall): Answer {
  const delivered = new Delivered(call);
  const isSince = delivered.isSince(sinceOf(call));
  const { rows, total } = delivered.page(({ openings }) => openings.some(isSince));
  const numbers = reportOf(call.sim, delivered.campaign);
  const mpp = !call.sim.state.settings.removeMpp;
  return ok({
    members: rows.map((seen) => ({
      ...delivered.identity(seen),
      contact_status: seen.member.status,
      merge_fields: seen.member.mergeFields,
      vip: seen.member.vip,
      opens_count: seen.openings.length,
      ...(mpp ? { proxy_excluded_opens_count: seen.openings.filter(({ proxy }) => !proxy).length } : {}),
      opens: seen.openings.filter(isSince).map((opening) => ({
        timestamp: delivered.timeOf(opening),
        ...(mpp ? { is_proxy_open: opening.proxy } : {}),
      })),
    })),
    campaign_id: delivered.campaign.id,
    total_opens: numbers.opens_total,
    ...(mpp ? { total_proxy_excluded_opens: numbers.proxy_excluded_opens } : {}),
    total_items: total,
    _links: linkTo(call, delivered, 'open-details'),
  });
}

/** The links of the content in their order, two at least, as reactions know two. */
function urlsOf(campaign: Campaign): string[] {
  const found = [...(campaign.content?.html ?? '').matchAll(/href="(https?:[^"]+)"/g)].map(([, url]) => url ?? '');
  return [...new Set([...found, 'https://harborlane.test/', 'https://harborlane.test/bread'])].slice(0, 2);
}

function clickDetails(call: ApiCall): Answer {
  const delivered = new Delivered(call);
  const { reactions } = mailing(call.sim, delivered.campaign);
  const n = reportOf(call.sim, delivered.campaign);
  const { id, recipients, sentAt = call.sim.now() } = delivered.campaign;
  const elapsed = elapsedOf(call.sim, delivered.campaign);
  const perLink = [0, 1].map(() => ({ total: 0, unique: 0, last: -1 }));
  for (let character = 0; character < reactions.characters; character += 1) {
    const people = Math.ceil((recipients - character) / reactions.characters);
    const clicks = reactions.of(character).clicks.filter(({ after }) => after <= elapsed);
    for (const [link, counted] of perLink.entries()) {
      const own = clicks.filter((click) => click.link === link);
      counted.total += own.length * people;
      counted.unique += own.length > 0 ? people : 0;
      counted.last = Math.max(counted.last, ...own.map(({ after }) => after));
    }
  }
  return ok({
    urls_clicked: perLink.map(({ total, unique, last }, link) => ({
      id: `${id.slice(0, 8)}${link + 1}0`,
      url: urlsOf(delivered.campaign)[link],
      total_clicks: total,
      click_percentage: rate(total, n.clicks_total),
      unique_clicks: unique,
      unique_click_percentage: rate(unique, n.unique_clicks),
      last_click: last < 0 ? '' : isoSeconds(sentAt + last),
      campaign_id: id,
    })),
    campaign_id: id,
    total_items: perLink.length,
    _links: linkTo(call, delivered, 'click-details'),
  });
}

function emailActivity(call: ApiCall): Answer {
  const delivered = new Delivered(call);
  const isSince = delivered.isSince(sinceOf(call));
  const { rows, total } = delivered.page(
    ({ outcome, openings, clicks }) =>
      !call.query.has('since') || (outcome !== 'delivered' && isSince(AT_DELIVERY)) || [...openings, ...clicks].some(isSince),
  );
  const urls = urlsOf(delivered.campaign);
  return ok({
    emails: rows.map((seen) => ({
      ...delivered.identity(seen),
      activity: [
        ...(seen.outcome === 'delivered'
          ? []
          : [{ action: 'bounce', type: seen.outcome, timestamp: delivered.timeOf(AT_DELIVERY) }]),
        ...[
          ...seen.openings.map((event) => ({ ...event, action: 'open' })),
          ...seen.clicks.map((event) => ({ ...event, action: 'click' })),
        ]
          .filter(isSince)
          .sort((a, b) => a.after - b.after)
          .map((event) => ({
            action: event.action,
            timestamp: delivered.timeOf(event),
            ...('link' in event ? { url: urls[event.link] } : {}),
            ip: seen.member.ipOpt,
          })),
      ],
    })),
    campaign_id: delivered.campaign.id,
    total_items: total,
    _links: linkTo(call, delivered, 'email-activity'),
  });
}
