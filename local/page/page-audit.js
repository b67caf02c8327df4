import { byId, el } from './page-dom.js';
import { time, words } from './page-format.js';
import { pagedTable } from './page-list.js';
import { showProblem } from './page-problem.js';

const ACTION = {
  'connection.completed': 'Connected',
  'connection.removed': 'Disconnected',
  'connection.lost': 'Connection lost',
  'connection.revived': 'Account is back',
  'webhooks.repaired': 'Repaired webhooks',
  'settings.changed': 'Changed settings',
  'campaign.sent': 'Sent a campaign',
  'campaign.send_undone': 'Took a send back',
  'campaign.send_failed': 'A send came to nothing',
  'campaign.tested': 'Sent a test',
  'campaign.deleted': 'Deleted a campaign',
  'suppression.added': 'Added a suppression',
  'suppression.lifted': 'Lifted a suppression',
  'suppressions.exported': 'Exported suppressions',
  'suppressions.imported': 'Imported suppressions',
  'metrics.exported': 'Exported metrics',
  'suppressions.pushed': 'Unsubscribed suppressed people at Mailchimp',
  'sync.cancelled': 'Cancelled a sync',
  'contact.erased': 'Erased a contact',
  'contact.exported': 'Exported what is held of a contact',
  'api_key.created': 'Made an API key',
  'api_key.revoked': 'Revoked an API key',
};

/** Read only: nobody changes the trail. */
export function mountAudit() {
  const problemPlace = byId('audit-problem');
  const list = pagedTable({
    place: byId('audit-list'),
    problemPlace,
    path: '/audit',
    caption: 'What was done, newest first',
    empty: 'Nothing was changed or sent yet.',
    columns: [
      { title: 'What', kind: 'main', cell: ({ action }) => ACTION[action] ?? action },
      { title: 'Outcome', cell: outcomeView },
      { title: 'Who', cell: ({ actor, ip }) => [actor.name, el('span', { class: 'fix' }, from(actor, ip))] },
      { title: 'When', cell: ({ at }) => time(at) },
    ],
  });
  let isRefused = false;

  /** A role that may not read it is told so, and not asked again; the rest of the page goes on. */
  async function unlessRefused(look) {
    if (isRefused) return;
    try {
      await look();
      problemPlace.replaceChildren();
    } catch (error) {
      if (error.code !== 'forbidden') throw error;
      isRefused = true;
      showProblem(problemPlace, error);
    }
  }

  return {
    load: () => unlessRefused(list.load).catch((error) => showProblem(problemPlace, error)),
    refresh: () => unlessRefused(list.refresh),
  };
}

const from = ({ role }, ip) => [role, ip].filter(Boolean).join(', ');

const outcomeView = ({ outcome, error }) => [
  el('span', { class: `badge ${BADGE[outcome] ?? ''}` }, words(outcome)),
  error === null ? null : el('span', { class: 'fix' }, words(error)),
];
/** In the colours of sync runs. */
const BADGE = { success: 'succeeded', failure: 'failed', denied: 'failed' };
