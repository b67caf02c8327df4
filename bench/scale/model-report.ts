import { DAY, HOUR } from '../../src/core/shared/clock.ts';

const SUBJECTS = [
  'Our new menu is here, and the terrace opens on Friday',
  'Last seats for the tasting on Saturday evening: join us?',
  'What we learned in ten years of baking bread by hand',
] as const;
const HOURS = 24;

const isoSeconds = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}+00:00`;
/** Ten digits of sixteen, as the vendor's ids are. */
const idOf = (index: number): string => ((index * 2_654_435_761 + 1) % 2 ** 40).toString(16).padStart(10, '0');

/** One sent campaign with all fields of an answer of `/reports`: most of them fall away, the size of the others is what is paid for. */
export function reportOf(index: number, listId: string, sentAt: number): object {
  const sent = 4_000 + index;
  const lastSeen = isoSeconds(sentAt + 3 * DAY);
  const subject = SUBJECTS[index % SUBJECTS.length] ?? '';
  return {
    id: idOf(index),
    campaign_title: `Newsletter ${index}`,
    type: 'regular',
    list_id: listId,
    list_is_active: true,
    list_name: 'Readers',
    subject_line: subject,
    preview_text: 'Have a look inside',
    emails_sent: sent,
    abuse_reports: 1,
    unsubscribed: 12,
    send_time: isoSeconds(sentAt),
    rss_last_send: '',
    bounces: { hard_bounces: 13, soft_bounces: 27, syntax_errors: 0 },
    forwards: { forwards_count: 4, forwards_opens: 9 },
    opens: {
      opens_total: 1_987,
      proxy_excluded_opens: 1_123,
      unique_opens: 1_219,
      proxy_excluded_unique_opens: 834,
      open_rate: 0.307821,
      proxy_excluded_open_rate: 0.210606,
      last_open: lastSeen,
    },
    clicks: { clicks_total: 317, unique_clicks: 253, unique_subscriber_clicks: 221, click_rate: 0.055808, last_click: lastSeen },
    facebook_likes: { recipient_likes: 0, unique_likes: 0, facebook_likes: 0 },
    industry_stats: { type: 'Restaurant', open_rate: 0.301, bounce_rate: 0.006, unopen_rate: 0.693, unsub_rate: 0.002 },
    list_stats: { sub_rate: 38, unsub_rate: 5, open_rate: 37.42, proxy_excluded_open_rate: 24.9, click_rate: 4.87 },
    timeseries: Array.from({ length: HOURS }, (_, hour) => ({
      timestamp: isoSeconds(sentAt + hour * HOUR),
      emails_sent: hour === 0 ? sent : 0,
      unique_opens: 50,
      proxy_excluded_unique_opens: 30,
      recipients_clicks: 9,
    })),
    ecommerce: { total_orders: 0, total_spent: 0, total_revenue: 0, currency_code: 'EUR' },
    delivery_status: { enabled: false },
  };
}
