import { links, ok, param, type ApiCall, type Answer, type Route } from './api-call.ts';
import { isoSeconds, parseDate, toSecond } from './dates.ts';
import { queryChoice } from './input.ts';
import { pageOf, slice } from './paging.ts';
import { notFound } from './problem.ts';
import type { Account, Automation } from './records.ts';
import type { Simulation } from './state.ts';

/** Classic automations; the newer flows have no endpoints to read. https://mailchimp.com/developer/marketing/api/automation/ */
export const automationRoutes: readonly Route[] = [
  { method: 'GET', path: '/automations', handle: index },
  { method: 'GET', path: '/automations/{workflow_id}', handle: (call) => ok(view(call.sim, call.account, automationOf(call))) },
  { method: 'GET', path: '/automations/{workflow_id}/emails', handle: emails },
  { method: 'GET', path: '/automations/{workflow_id}/emails/{workflow_email_id}', handle: email },
];

function index(call: ApiCall): Answer {
  const { sim, account, query } = call;
  const status = queryChoice(query, 'status', ['save', 'paused', 'sending']);
  const bound = (name: string, fallback: number): number => {
    const text = query.get(name);
    return text === null ? fallback : toSecond(parseDate(text, name));
  };
  const createdAfter = bound('since_create_time', -Infinity);
  const createdBefore = bound('before_create_time', Infinity);
  const startedAfter = bound('since_start_time', -Infinity);
  const startedBefore = bound('before_start_time', Infinity);
  const found = sim.state.automations.filter((automation) => {
    const created = toSecond(automation.createdAt);
    const started = toSecond(automation.startedAt ?? 0);
    return (
      automation.accountId === account.id &&
      (status === undefined || automation.status === status) &&
      created > createdAfter &&
      created < createdBefore &&
      started > startedAfter &&
      started < startedBefore
    );
  });
  return ok({
    automations: slice(found, pageOf(query)).map((automation) => view(sim, account, automation)),
    total_items: found.length,
    _links: links(account, '/automations'),
  });
}

function automationOf(call: ApiCall): Automation {
  const id = param(call, 'workflow_id');
  const automation = call.sim.state.automations.find(
    (candidate) => candidate.id === id && candidate.accountId === call.account.id,
  );
  if (automation === undefined) throw notFound();
  return automation;
}

function emails(call: ApiCall): Answer {
  const automation = automationOf(call);
  return ok({
    emails: automation.emails.map((entry) => emailView(call.account, automation, entry)),
    total_items: automation.emails.length,
    _links: links(call.account, `/automations/${automation.id}/emails`),
  });
}

function email(call: ApiCall): Answer {
  const automation = automationOf(call);
  const found = automation.emails.find((entry) => entry.id === param(call, 'workflow_email_id'));
  if (found === undefined) throw notFound();
  return ok(emailView(call.account, automation, found));
}

function view(sim: Simulation, account: Account, automation: Automation): object {
  const list = sim.state.lists[automation.listId];
  return {
    id: automation.id,
    create_time: isoSeconds(automation.createdAt),
    start_time: isoSeconds(automation.startedAt),
    status: automation.status,
    emails_sent: automation.emailsSent,
    recipients: { list_id: automation.listId, list_is_active: list !== undefined, list_name: list?.name ?? '', store_id: '' },
    settings: {
      title: automation.title,
      from_name: account.name,
      reply_to: account.email,
      use_conversation: false,
      to_name: '',
      authenticate: true,
      auto_footer: false,
      inline_css: false,
    },
    tracking: {
      opens: true,
      html_clicks: true,
      text_clicks: false,
      goal_tracking: false,
      ecomm360: false,
      google_analytics: '',
      clicktale: '',
    },
    trigger_settings: {
      workflow_type: 'welcomeSeries',
      workflow_title: automation.title,
      runtime: { days: [], hours: { type: 'send_asap' } },
      workflow_emails_count: automation.emails.length,
    },
    report_summary: automation.summary,
    _links: links(account, `/automations/${automation.id}`),
  };
}

function emailView(account: Account, automation: Automation, entry: Automation['emails'][number]): object {
  return {
    id: entry.id,
    web_id: entry.webId,
    workflow_id: automation.id,
    position: entry.position,
    delay: { amount: entry.position, type: 'day', direction: 'after', action: 'signup' },
    create_time: isoSeconds(automation.createdAt),
    start_time: isoSeconds(automation.startedAt),
    archive_url: `http://eepurl.test/${entry.id}`,
    status: entry.status,
    emails_sent: entry.emailsSent,
    send_time: '',
    content_type: 'template',
    recipients: { list_id: automation.listId },
    settings: { subject_line: entry.subject, title: entry.subject, from_name: account.name, reply_to: account.email },
    report_summary: entry.summary,
    _links: links(account, `/automations/${automation.id}/emails/${entry.id}`),
  };
}
