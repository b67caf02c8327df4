import { badge, byId, soft, write } from './dom.js';
import { liveTable } from './table.js';
import { capital, count, when } from './words.js';

const WORDS = { save: 'Draft', schedule: 'Scheduled', canceled: 'Cancelled', canceling: 'Cancelling' };
const TONES = { sent: 'good', sending: 'warn', schedule: 'warn', canceling: 'warn', canceled: 'bad' };

/** A number of the report with what it is made of; a dash before there is one. */
const reported = (title, main, detail) => ({
  title,
  kind: 'number',
  cell: ({ report }) => (report === undefined ? '–' : [count(report[main]), detail === undefined ? '' : soft(detail(report))]),
});

/** The latest campaigns with the numbers of their reports at this moment. */
export function mountCampaigns() {
  const table = liveTable({
    place: byId('campaigns-table'),
    caption: 'Campaigns',
    keyOf: ({ id }) => id,
    empty: 'No campaign yet. A client makes one with POST /3.0/campaigns.',
    columns: [
      { title: 'Subject', kind: 'main', cell: ({ id, subject }) => [String(subject) || '(no subject)', soft(id)] },
      { title: 'List', cell: ({ list }) => list },
      { title: 'Status', cell: ({ status }) => badge(WORDS[status] ?? capital(status), TONES[status]) },
      { title: 'Recipients', kind: 'number', cell: ({ recipients }) => count(recipients) },
      { title: 'Sent', cell: ({ sentAt }) => (sentAt === undefined ? '–' : when(sentAt)) },
      reported('Opens', 'unique_opens', ({ opens_total: all }) => `${count(all)} in all`),
      reported('Clicks', 'unique_subscriber_clicks', ({ clicks_total: all }) => `${count(all)} in all`),
      reported('Hard bounces', 'hard_bounces', ({ soft_bounces: all }) => `${count(all)} soft`),
      reported('Unsubscribes', 'unsubscribed', ({ abuse_reports: all }) => `${count(all)} complained`),
    ],
  });

  return {
    show({ campaigns, campaignCount, lists }) {
      const names = new Map(lists.map(({ id, name }) => [id, name]));
      const listOf = (id) => names.get(id) ?? (id === '' ? '–' : 'Deleted');
      table.show(campaigns.toReversed().map((campaign) => ({ ...campaign, list: listOf(campaign.listId) })));
      write(
        byId('campaigns-count'),
        campaignCount > campaigns.length ? `The last ${campaigns.length} of ${count(campaignCount)}` : '',
      );
    },
  };
}
