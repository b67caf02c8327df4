import { links, ok, param, type ApiCall, type Answer, type Route } from './api-call.ts';
import { isoSeconds, parseDate, toSecond } from './dates.ts';
import { descending, queryChoice } from './input.ts';
import { pageOf, slice } from './paging.ts';
import { invalidResource, notFound } from './problem.ts';
import type { Account, Campaign, Template } from './records.ts';
import type { Simulation } from './state.ts';
import { plainTextOf } from './plain-text.ts';

/** https://mailchimp.com/developer/marketing/api/templates/ */
export const templateRoutes: readonly Route[] = [
  { method: 'GET', path: '/templates', handle: index },
  { method: 'GET', path: '/templates/{template_id}', handle: (call) => ok(view(call, templateOf(call))) },
  {
    method: 'GET',
    path: '/templates/{template_id}/default-content',
    handle: (call) => {
      const template = templateOf(call);
      return ok({ sections: template.sections, _links: links(call.account, `/templates/${template.id}/default-content`) });
    },
  },
];

function index(call: ApiCall): Answer {
  const { sim, account, query } = call;
  const type = queryChoice(query, 'type', ['user', 'base', 'gallery']);
  const contentType = queryChoice(query, 'content_type', ['html', 'template', 'multichannel']);
  const since = query.get('since_date_created');
  const before = query.get('before_date_created');
  const after = since === null ? -Infinity : toSecond(parseDate(since, 'since_date_created'));
  const until = before === null ? Infinity : toSecond(parseDate(before, 'before_date_created'));
  const found = sim.state.templates
    .filter((template) => template.accountId === account.id)
    .filter(
      (template) =>
        (type === undefined || template.type === type) && (contentType === undefined || template.contentType === contentType),
    )
    .filter((template) => toSecond(template.createdAt) > after && toSecond(template.createdAt) < until);
  const field = queryChoice(query, 'sort_field', ['date_created', 'date_edited', 'name']);
  if (field !== undefined) {
    const sign = descending(query, 'ASC') ? -1 : 1;
    const compare = (a: Template, b: Template): number =>
      field === 'name'
        ? a.name.localeCompare(b.name)
        : field === 'date_created'
          ? a.createdAt - b.createdAt
          : a.editedAt - b.editedAt;
    found.sort((a, b) => sign * compare(a, b));
  }
  return ok({
    templates: slice(found, pageOf(query)).map((template) => view(call, template)),
    total_items: found.length,
    _links: links(account, '/templates'),
  });
}

function templateOf(call: ApiCall): Template {
  const template = find(call.sim, call.account, Number(param(call, 'template_id')));
  if (template === undefined) throw notFound();
  return template;
}

const find = (sim: Simulation, account: Account, id: number): Template | undefined =>
  sim.state.templates.find((template) => template.id === id && template.accountId === account.id);

/**
 * The content a campaign gets from a template whose sections are filled.
 * @throws ApiProblem 400 naming the field when the template does not exist or was deleted
 */
export function contentOfTemplate(
  sim: Simulation,
  account: Account,
  id: number,
  sections: Readonly<Record<string, string>>,
  field: string,
): NonNullable<Campaign['content']> {
  const template = find(sim, account, id);
  if (template === undefined || !template.active) throw invalidResource([{ field, message: 'The template does not exist.' }]);
  const filled = { ...template.sections, ...sections };
  const html = template.html.replace(
    /<(\w+)([^>]*?)\bmc:edit="([^"]+)"([^>]*)>[\s\S]*?<\/\1>/g,
    (_, tag: string, before: string, name: string, after: string) => `<${tag}${before}${after}>${filled[name] ?? ''}</${tag}>`,
  );
  return { html, plainText: plainTextOf(html) };
}

function view({ account }: ApiCall, template: Template): object {
  return {
    id: template.id,
    type: template.type,
    name: template.name,
    drag_and_drop: template.contentType === 'template',
    responsive: true,
    category: '',
    date_created: isoSeconds(template.createdAt),
    date_edited: isoSeconds(template.editedAt),
    created_by: `${account.firstName} ${account.lastName}`,
    edited_by: `${account.firstName} ${account.lastName}`,
    active: template.active,
    folder_id: '',
    thumbnail: '',
    share_url: `https://${account.dc}.templates.mailchimp.test/${template.id}`,
    content_type: template.contentType,
    _links: links(account, `/templates/${template.id}`),
  };
}
