import { addAccount } from './accounts.ts';
import { newHexId, newNumber } from './ids.ts';
import { addAudience } from './populate.ts';
import type { Account, Audience, Automation, Template } from './records.ts';
import type { Simulation } from './state.ts';

const DAY = 24 * 3_600_000;

/** The world a newcomer finds: a bakery with one audience, a template and a welcome series. */
export function seedWorld(sim: Simulation): void {
  const account = addAccount(sim, {
    name: 'Harbor Lane Bakery',
    email: 'ines@harborlane.test',
    firstName: 'Ines',
    lastName: 'Harbor',
    verifiedDomains: ['harborlane.test'],
  });
  const list = addAudience(sim, account, {
    name: 'Harbor Lane regulars',
    members: { subscribed: 50, unsubscribed: 5, cleaned: 2 },
  });
  addTemplate(sim, account, { name: 'Weekly loaves' });
  addAutomation(sim, account, list, { title: 'Welcome series', emails: 2 });
}

interface NewTemplate {
  readonly name: string;
  readonly html?: string | undefined;
  readonly sections?: Readonly<Record<string, string>> | undefined;
  readonly type?: string | undefined;
  readonly contentType?: string | undefined;
  readonly active?: boolean | undefined;
}

/** Makes a template; without HTML it gets a simple one with the sections `header` and `body`. */
export function addTemplate(sim: Simulation, account: Account, input: NewTemplate): Template {
  const template: Template = {
    id: newNumber(sim.state),
    accountId: account.id,
    type: input.type ?? 'user',
    name: input.name,
    html:
      input.html ??
      '<html><body><h1 mc:edit="header">News</h1><div mc:edit="body">What we bake this week.</div><p><a href="*|UNSUB|*">Unsubscribe</a><br>*|HTML:LIST_ADDRESS_HTML|*</p></body></html>',
    sections: { ...(input.sections ?? { header: 'News', body: 'What we bake this week.' }) },
    contentType: input.contentType ?? 'html',
    active: input.active ?? true,
    createdAt: sim.now() - 30 * DAY,
    editedAt: sim.now() - 20 * DAY,
  };
  sim.state.templates.push(template);
  sim.changed();
  return template;
}

interface NewAutomation {
  readonly title: string;
  readonly status?: string | undefined;
  readonly emails?: number | undefined;
  readonly emailsSent?: number | undefined;
  readonly opens?: number | undefined;
  readonly uniqueOpens?: number | undefined;
  readonly clicks?: number | undefined;
  readonly subscriberClicks?: number | undefined;
}

/** Makes a classic automation with fixed numbers, shared evenly by its e-mails. */
export function addAutomation(sim: Simulation, account: Account, list: Audience, input: NewAutomation): Automation {
  const count = Math.max(1, input.emails ?? 1);
  const sent = input.emailsSent ?? 240;
  const uniqueOpens = input.uniqueOpens ?? Math.round(sent * 0.45);
  const subscriberClicks = input.subscriberClicks ?? Math.round(sent * 0.08);
  const summary = (share: number): Automation['summary'] => ({
    opens: Math.round((input.opens ?? uniqueOpens * 1.8) / share),
    unique_opens: Math.round(uniqueOpens / share),
    open_rate: sent === 0 ? 0 : uniqueOpens / sent,
    clicks: Math.round((input.clicks ?? subscriberClicks * 1.4) / share),
    subscriber_clicks: Math.round(subscriberClicks / share),
    click_rate: sent === 0 ? 0 : subscriberClicks / sent,
  });
  const status = input.status ?? 'sending';
  const automation: Automation = {
    id: newHexId(sim.state, 'workflow'),
    accountId: account.id,
    listId: list.id,
    title: input.title,
    status,
    createdAt: sim.now() - 90 * DAY,
    ...(status === 'save' ? {} : { startedAt: sim.now() - 89 * DAY }),
    emailsSent: sent,
    summary: summary(1),
    emails: Array.from({ length: count }, (_, index) => ({
      id: newHexId(sim.state, 'workflow-email'),
      webId: newNumber(sim.state),
      position: index + 1,
      subject: `${input.title}, part ${index + 1}`,
      status,
      emailsSent: Math.round(sent / count),
      summary: summary(count),
    })),
  };
  sim.state.automations.push(automation);
  sim.changed();
  return automation;
}
