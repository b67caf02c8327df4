import * as z from 'zod';
import { links, ok, type ApiCall, type Answer, type Route } from './api-call.ts';
import { campaignOf, checkEditable } from './campaign-view.ts';
import { readBody } from './input.ts';
import { plainTextOf } from './plain-text.ts';
import { invalidResource } from './problem.ts';
import type { Campaign } from './records.ts';
import { contentOfTemplate } from './templates.ts';

const contentInput = z.object({
  html: z.string().optional(),
  plain_text: z.string().optional(),
  url: z.string().optional(),
  template: z.object({ id: z.number().int(), sections: z.record(z.string(), z.string()).optional() }).optional(),
  archive: z.unknown().optional(),
  variate_contents: z.unknown().optional(),
});

/** https://mailchimp.com/developer/marketing/api/campaign-content/ */
export const contentRoutes: readonly Route[] = [
  { method: 'GET', path: '/campaigns/{campaign_id}/content', handle: (call) => show(call, campaignOf(call)) },
  { method: 'PUT', path: '/campaigns/{campaign_id}/content', handle: put },
];

function show({ account }: ApiCall, campaign: Campaign): Answer {
  const { html = '', plainText = '' } = campaign.content ?? {};
  return ok({
    plain_text: plainText,
    html,
    archive_html: campaign.type === 'plaintext' ? '' : withFooter(html),
    _links: links(account, `/campaigns/${campaign.id}/content`),
  });
}

/** A full replacement: repeating it changes nothing. */
function put(call: ApiCall): Answer {
  const campaign = campaignOf(call);
  const input = readBody(contentInput, call.body);
  checkEditable(campaign);
  if (input.archive !== undefined || input.variate_contents !== undefined) {
    throw invalidResource([{ field: '', message: 'The simulator takes html, plain_text, url and template only.' }]);
  }
  campaign.content = contentFrom(call, input);
  campaign.contentType = input.template !== undefined ? 'template' : input.url !== undefined ? 'url' : 'html';
  call.sim.changed();
  return show(call, campaign);
}

function contentFrom(call: ApiCall, input: z.infer<typeof contentInput>): NonNullable<Campaign['content']> {
  if (input.template !== undefined) {
    const content = contentOfTemplate(call.sim, call.account, input.template.id, input.template.sections ?? {}, 'template.id');
    return { html: content.html, plainText: input.plain_text ?? content.plainText };
  }
  // Nothing is fetched: a simulator that follows URLs would need a network.
  const html = input.html ?? (input.url === undefined ? '' : `<html><body><p>Imported from ${input.url}</p></body></html>`);
  if (html === '' && input.plain_text === undefined) {
    throw invalidResource([{ field: '', message: 'Required fields were not provided: html' }]);
  }
  return { html, plainText: input.plain_text ?? plainTextOf(html) };
}

/** Mail without an unsubscribe link gets a footer with one. */
function withFooter(html: string): string {
  if (html.includes('*|UNSUB|*')) return html;
  const footer = '<p><a href="*|UNSUB|*">Unsubscribe</a> *|HTML:LIST_ADDRESS_HTML|*</p>';
  return html.includes('</body>') ? html.replace('</body>', `${footer}</body>`) : `${html}${footer}`;
}
