import { apiKey, Problem } from './page-api.js';
import { mountAudit } from './page-audit.js';
import { mountAudiences } from './page-audiences.js';
import { mountCampaigns } from './page-campaigns.js';
import { mountConnect, takeReturn } from './page-connect.js';
import { mountContact } from './page-contact.js';
import { byId } from './page-dom.js';
import { mountDrift } from './page-drift.js';
import { mountSend, mountSender } from './page-send.js';
import { problemView, showProblem } from './page-problem.js';
import { mountSuppressions } from './page-suppressions.js';
import { mountSyncs } from './page-syncs.js';
import { mountUndo } from './page-undo.js';

/** How often the page looks for what others did: webhooks, schedules, another tab. */
const LOOK_EVERY_MS = 4_000;

// First of all: a ticket does not stay in the address bar.
const returned = takeReturn();

const sender = mountSender();
const campaigns = mountCampaigns();
const suppressions = mountSuppressions();
const drift = mountDrift();
mountContact({ onErased: () => suppressions.load() });
const send = mountSend({ sender, onCampaign: (campaign) => void Promise.all([campaigns.load(), campaigns.choose(campaign.id)]) });
const audiences = mountAudiences({
  onChange: (all) => {
    send.offer(all);
    campaigns.nameAudiences(all);
    suppressions.nameAudiences(all);
    drift.nameAudiences(all);
  },
});
const syncs = mountSyncs({
  onFinished: () =>
    void Promise.all([audiences.load(), suppressions.refresh(), drift.load(), campaigns.load(), campaigns.refreshChosen()]),
});
const undo = mountUndo();
const audit = mountAudit();
const connect = mountConnect({ onChange: () => void loadTheRest() });

const loadTheRest = () =>
  Promise.all([
    audiences.load(),
    sender.load(),
    undo.load(),
    campaigns.load(),
    suppressions.load(),
    drift.load(),
    syncs.load(),
    audit.load(),
  ]);

async function start() {
  mountKey();
  if (apiKey.current() === '') {
    needKey();
    if (returned) byId('key-problem').replaceChildren(problemView(KEY_LOST));
    return;
  }
  try {
    await connect.load();
  } catch (error) {
    if (error instanceof Problem && error.code === 'unauthorized') {
      needKey('This key is not accepted. It may be mistyped or revoked.');
      return;
    }
    showProblem(byId('connect-problem'), error);
  }
  if (returned) await connect.complete(returned);
  void look();
}

const KEY_LOST = {
  title: 'The consent was not completed',
  cause: 'This tab has no API key, so it cannot say for whom the account shall be connected.',
  fix: 'Give the key, then choose Connect Mailchimp again.',
};

async function look() {
  const offline = byId('offline');
  if (document.visibilityState === 'visible') {
    try {
      await Promise.all([connect.load(), suppressions.refresh(), syncs.refresh(), audit.refresh()]);
      offline.hidden = true;
    } catch (error) {
      offline.textContent = `${error.message}. Trying again…`;
      offline.hidden = false;
    }
  }
  window.setTimeout(look, LOOK_EVERY_MS);
}

function needKey(reason = 'Paste an API key to begin.') {
  byId('key-in-use').textContent = reason;
  byId('key-form').hidden = false;
  byId('key-change').hidden = true;
  byId('sections').hidden = true;
  byId('key-input').focus();
}

/** Another key is another tenant, perhaps: the page begins anew with it. */
function mountKey() {
  const form = byId('key-form');
  const change = byId('key-change');
  byId('key-in-use').textContent = apiKey.isDemo() ? 'Demo tenant' : 'Your own key';
  byId('key-demo').hidden = !apiKey.hasDemo || apiKey.isDemo();
  change.addEventListener('click', () => {
    form.hidden = !form.hidden;
    change.setAttribute('aria-expanded', String(!form.hidden));
    if (!form.hidden) byId('key-input').focus();
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    apiKey.use(byId('key-input').value.trim());
    window.location.reload();
  });
  byId('key-demo').addEventListener('click', () => {
    apiKey.forget();
    window.location.reload();
  });
}

void start();
