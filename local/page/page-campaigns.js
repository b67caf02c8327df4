import { api } from './page-api.js';
import { ask } from './page-dialog.js';
import { draftActions } from './page-draft.js';
import { byId, el, replace, terms, webLink, whileBusy } from './page-dom.js';
import { CAMPAIGN_STATUS, count, plural, rate, time } from './page-format.js';
import { pagedTable } from './page-list.js';
import { operationsView } from './page-operations.js';
import { onCampaignNews, outcomeView, watch } from './page-outcome.js';
import { preflightView } from './page-preflight.js';
import { guarded } from './page-problem.js';
import { reportView } from './page-report.js';
import { followRun } from './page-runs.js';

const METRICS = [
  ['Delivered', 'delivered', count],
  ['Opens', 'opens', count],
  ['Unique opens', 'uniqueOpens', count],
  ['Open rate', 'openRate', rate],
  ['Clicks', 'clicks', count],
  ['Unique clicks', 'uniqueClicks', count],
  ['Click rate', 'clickRate', rate],
  ['Click-to-open rate', 'clickToOpenRate', rate],
  ['Bounces', 'bounces', count],
  ['Hard bounces', 'hardBounces', count],
  ['Soft bounces', 'softBounces', count],
  ['Bounce rate', 'bounceRate', rate],
  ['Unsubscribes', 'unsubscribes', count],
  ['Unsubscribe rate', 'unsubscribeRate', rate],
  ['Spam complaints', 'spamComplaints', count],
  ['Unique opens without proxies', 'uniqueOpensExcludingProxy', count],
];
/** After these nothing can be sent from the campaign again. */
const FINAL = ['deleted_at_vendor', 'send_outcome_unknown'];
const pathOf = (id) => `/campaigns/${encodeURIComponent(id)}`;

export function mountCampaigns() {
  const panel = byId('campaign');
  const status = byId('campaigns-status');
  const problemPlace = byId('campaigns-problem');
  const sendKeys = new Map();
  let audienceNames = new Map();
  let chosenId;
  let shown = '';

  const badge = ({ status: state, outcome }) =>
    el('span', { class: `badge ${state}` }, outcome === 'unknown' ? 'Sending, outcome unknown' : CAMPAIGN_STATUS[state]);

  const list = pagedTable({
    place: byId('campaigns-list'),
    problemPlace,
    path: '/campaigns',
    caption: 'Campaigns, newest first',
    empty: 'There is no campaign yet. Send the sample campaign, or save it as a draft.',
    columns: [
      { title: 'Subject', kind: 'main', cell: ({ subject }) => subject || '(no subject)' },
      { title: 'Status', cell: badge },
      { title: 'Audience', cell: ({ audienceId }) => audienceNames.get(audienceId) ?? '–' },
      { title: 'Sent', cell: ({ sentAt }) => time(sentAt) },
      {
        title: 'Numbers',
        kind: 'actions',
        cell: ({ id, subject }) =>
          el(
            'button',
            {
              type: 'button',
              class: 'quiet',
              'data-focus': `show ${id}`,
              'aria-label': `Show ${subject}`,
              onClick: (event) =>
                whileBusy(event.currentTarget, async () => {
                  if (await choose(id)) panel.focus();
                }),
            },
            'Show',
          ),
      },
    ],
  });

  const load = () =>
    guarded(problemPlace, async () => {
      await list.load();
      for (const campaign of list.items()) void watch(campaign);
    });

  const choose = (id) => guarded(problemPlace, () => show(id));

  async function show(id) {
    if (chosenId !== id) status.textContent = '';
    chosenId = id;
    const [campaign, metrics] = await Promise.all([api.get(pathOf(id)), api.get(`${pathOf(id)}/metrics`)]);
    const now = JSON.stringify([campaign, metrics]);
    if (chosenId !== id || now === shown) return;
    shown = now;
    panel.hidden = false;
    replace(panel, detail(campaign, metrics));
  }

  const detail = (campaign, { latest }) => [
    el('h3', {}, campaign.subject || '(no subject)'),
    terms([
      ['Audience', audienceNames.get(campaign.audienceId) ?? '–'],
      ['Sender', campaign.sender?.email ?? '–'],
      ['Made', campaign.origin === 'vendor' ? 'in Mailchimp' : time(campaign.createdAt)],
    ]),
    el('div', { class: 'outcome' }, outcomeView(campaign)),
    campaign.status === 'sent' ? numbers(campaign, latest) : null,
    el(
      'div',
      { class: 'buttons' },
      campaign.status === 'sent' ? action('refresh', 'Refresh numbers', () => refresh(campaign.id)) : null,
      isSendable(campaign) ? action('send', 'Send this campaign', () => send(campaign)) : null,
      campaign.status === 'sent' ? webLink(campaign.archiveUrl, 'Open the archive page') : null,
    ),
    isSendable(campaign) ? preflightView(campaign, status) : null,
    draftActions(campaign, isSendable(campaign), { onMade, onGone }),
    operationsView(campaign),
  ];

  const onMade = async (copy) => {
    await list.load();
    await choose(copy.id);
    panel.focus();
  };
  const onGone = async () => {
    chosenId = undefined;
    shown = '';
    panel.hidden = true;
    await list.load();
  };

  const action = (focus, text, work) =>
    el('button', { type: 'button', 'data-focus': focus, onClick: (event) => whileBusy(event.currentTarget, work) }, text);

  const isSendable = ({ status: state, origin, error }) =>
    origin === 'illixis' && (state === 'draft' || (state === 'error' && !FINAL.includes(error?.code)));

  function numbers(campaign, latest) {
    const { live } = campaign;
    const changes = [
      live.unsubscribes > 0 ? plural(live.unsubscribes, 'unsubscribe') : '',
      live.bounces > 0 ? plural(live.bounces, 'bounce') : '',
      live.complaints > 0 ? plural(live.complaints, 'complaint') : '',
    ].filter(Boolean);
    return el(
      'div',
      { class: 'numbers' },
      latest
        ? [
            terms(
              METRICS.map(([title, field, format]) => [title, format(latest[field])]),
              'metrics',
            ),
            el('p', { class: 'hint' }, `As of ${time(latest.asOf)}.`),
            reportView(campaign),
          ]
        : el('p', { class: 'empty' }, 'There are no numbers yet. Mailchimp works in batches; the first ones can take an hour.'),
      changes.length > 0 ? el('p', { class: 'notice' }, `Since then, from webhooks: ${changes.join(', ')}.`) : null,
    );
  }

  const refresh = (id) =>
    guarded(problemPlace, async () => {
      const { runId } = await api.post(`${pathOf(id)}/metrics/refresh`);
      await followRun(runId, status, 'Refresh');
      await show(id);
    });

  async function send(campaign) {
    const name = audienceNames.get(campaign.audienceId) ?? 'its audience';
    const lines = [`“${campaign.subject}” goes to the subscribers of ${name}.`, 'A campaign that went out cannot be taken back.'];
    if (!(await ask({ title: 'Send this campaign now?', lines, yes: 'Yes, send it' }))) return;
    const key = sendKeys.get(campaign.id) ?? window.crypto.randomUUID();
    sendKeys.set(campaign.id, key);
    await guarded(problemPlace, async () => {
      try {
        const sent = await api.post(`${pathOf(campaign.id)}/send`, undefined, key);
        sendKeys.delete(campaign.id);
        void watch(sent);
      } catch (error) {
        if (!error.isOpen) sendKeys.delete(campaign.id);
        await Promise.all([list.load(), show(campaign.id)]).catch(() => undefined);
        throw error;
      }
      await Promise.all([list.load(), show(campaign.id)]);
    });
  }

  onCampaignNews((campaign) => {
    void load();
    if (campaign.id === chosenId) void choose(campaign.id);
  });

  return {
    load,
    choose,
    refreshChosen: async () => {
      if (chosenId !== undefined) await choose(chosenId);
    },
    nameAudiences: (audiences) => {
      audienceNames = new Map(audiences.map(({ id, name }) => [id, name]));
      list.redraw();
    },
  };
}
