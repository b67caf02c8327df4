import { REFERENCE, SWAGGER, type Quirk } from './quirk.ts';

/** The numbers afterwards. */
export const reportQuirks: readonly Quirk[] = [
  {
    id: 'unsent-campaigns-have-no-report',
    on: 'the report of a campaign that was not sent is a 404',
    off: 'it is there, with zeros',
    source: 'unverified: could be zeros with the real one too',
    switch: { setting: 'hideUnsentReports', on: true, off: false },
  },
  {
    id: 'reports-keep-moving',
    on: 'numbers change for days after the send',
    off: 'they are final at once',
    source: `${REFERENCE}/reports`,
    switch: { setting: 'lateReactions', on: true, off: false },
  },
  {
    id: 'reports-know-no-list',
    on: '`GET /reports` passes over `list_id`: the reports of all audiences come',
    off: 'it is a filter',
    source: SWAGGER,
    switch: { setting: 'reportsIgnoreList', on: true, off: false },
  },
  {
    id: 'reports-without-proxy-figures',
    on: 'the figures without opens by mail proxies (`proxy_excluded_…`) are missing',
    off: 'they are there',
    source: 'newer than the contract of github.com/mailchimp/mailchimp-client-lib-codegen; missing in old reports is unverified',
    switch: { setting: 'removeMpp', on: true, off: false },
  },
  {
    id: 'types-are-spelled-differently',
    on: 'the type `plaintext` of a campaign is `plain-text` in its report',
    off: 'it has one spelling',
    source: SWAGGER,
    switch: { setting: 'respellReportTypes', on: true, off: false },
  },
  {
    id: 'reports-outlive-lists',
    on: 'the reports of a deleted audience stay, with `list_is_active: false`',
    off: 'they are gone with it',
    source: SWAGGER,
    switch: { setting: 'reportsOutliveLists', on: true, off: false },
  },
  {
    id: 'flows-cannot-be-read',
    on: 'only classic automations have endpoints to read; the flows that replaced them have none',
    off: '–',
    source: `${REFERENCE}/automation; ${REFERENCE}/customer-journeys-journeys`,
    switch: { none: 'the vendor has no resource of which one could say how it would look' },
  },
];
