/** What a run is about, and what it found, for people who know nothing of queues. */
import { count, plural, words } from './page-format.js';

export const TASK = {
  suppressions: 'Who must not be mailed',
  metrics: 'Campaign numbers',
  audiences: 'Audiences and webhooks',
  automations: 'Automations',
  push: 'Unsubscribe at Mailchimp',
};
const TRIGGER = { schedule: 'on schedule', manual: 'by hand', connect: 'after connecting' };
export const STATE = {
  queued: 'Waiting',
  running: 'Running',
  succeeded: 'Done',
  partial: 'Partly done',
  failed: 'Failed',
  cancelled: 'Cancelled',
};

/** A task or trigger the page does not know yet reads as its name does. */
export const taskName = ({ task }) => TASK[task] ?? words(task);
export const triggerName = ({ trigger }) => TRIGGER[trigger] ?? words(trigger).toLowerCase();

const COUNT = {
  read: 'Read',
  changed: 'New or changed',
  unchanged: 'Unchanged',
  failed: 'Failed',
  audiences: 'Audiences',
  vanishedAudiences: 'Audiences that are gone',
  missedByWebhook: 'Not told by a webhook',
  added: 'New audiences',
  vanished: 'Audiences that are gone',
  templates: 'Templates',
  unreadable: 'Not readable',
  draftsChangedAtVendor: 'Drafts changed at Mailchimp',
  suppressed: 'Suppressed people met',
  unsubscribed: 'Unsubscribed at Mailchimp',
  hooksCreated: 'Webhooks made',
  hooksRemoved: 'Webhooks removed',
  hooksPatched: 'Webhooks corrected',
  hooksUnregistered: 'Audiences that had no webhook yet',
  hooksMissing: 'Webhooks that were gone',
  hooksOrphaned: 'Webhooks of ours that nobody knew',
  hooksDuplicate: 'Webhooks too many',
  hooksWrongFlags: 'Webhooks with wrong settings',
  hooksMoved: 'Webhooks with a former address',
  hooksSecretLost: 'Webhooks whose secret was lost',
  hooksUnsigned: 'Webhooks without a signature',
  hooksRejected: 'Webhooks with another’s signature',
  hooksDeaf: 'Webhooks that told nothing',
  hooksForeign: 'Webhooks of others, left alone',
  skippedForOtherRun: 'Left to another run',
};
/** A count the page does not know yet reads as its name does. */
const labelOf = (name) => COUNT[name] ?? words(name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`));

/** Every count of a run with its label. */
export const countsOf = ({ counts }) => Object.entries(counts).map(([name, value]) => [labelOf(name), count(value)]);

/** What a run changed here, or at the vendor, in a few words; nothing for one that has not begun. */
export function changesOf({ task, state, counts }) {
  if (state === 'queued') return '';
  const { read, changed, failed, added = 0, vanished = 0, unsubscribed = 0, hooksCreated = 0, hooksPatched = 0 } = counts;
  const hooks = hooksCreated + hooksPatched;
  const found = {
    audiences: [
      [added, 'new'],
      [vanished, 'gone'],
      [hooks, hooks === 1 ? 'webhook repaired' : 'webhooks repaired'],
    ],
    // They are kept as they are read, whatever they were before.
    automations: [[read, 'read']],
    push: [[unsubscribed, 'unsubscribed']],
  }[task] ?? [[changed, 'new or changed']];
  const told = [...found, [failed, 'failed']].filter(([value]) => value > 0);
  if (told.length > 0) return told.map(([value, word]) => `${count(value)} ${word}`).join(', ');
  return state === 'running' ? 'nothing changed yet' : 'nothing changed';
}

/** How long a run took, or has lasted until now. */
export function duration(ms) {
  if (typeof ms !== 'number') return '–';
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

/** On one line. */
export const callsOf = ({ calls }) => plural(calls, 'call').replace(' ', '\u00a0');
