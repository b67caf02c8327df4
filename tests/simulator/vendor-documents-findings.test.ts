import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Exchange } from '../../local/simulator/public-interface.ts';
import { checkExchange, type Documents } from './oracle/check-exchange.ts';
import { exceptionOf } from './oracle/exceptions.ts';
import { swaggerOf } from './oracle/swagger-document.ts';
import { openVendorTypes } from './oracle/vendor-types.ts';

const text = { type: 'string' };
const query = (name: string, type: string, more: object = {}): object => ({ name, in: 'query', type, ...more });
const contact = { type: 'object', properties: { city: text } };
/** A document as Mailchimp's is, of the little that is asked about here. */
const SWAGGER = swaggerOf({
  swagger: '2.0',
  basePath: '/3.0',
  paths: {
    '/lists': {
      get: {
        parameters: [
          query('count', 'integer', { maximum: 1000 }),
          query('include_total_contacts', 'boolean'),
          query('sort_dir', 'string', { enum: ['ASC', 'DESC'] }),
          query('since_date_created', 'string'),
        ],
        responses: { 200: { schema: { type: 'object' } } },
      },
      post: {
        parameters: [
          {
            name: 'body',
            in: 'body',
            schema: {
              type: 'object',
              properties: {
                name: text,
                names: text,
                nam: { 'x-oneOf': [text, contact] },
                contact,
                rows: { type: 'array', items: contact },
              },
            },
          },
        ],
        responses: { 200: { schema: { type: 'object' } } },
      },
    },
    '/search-members': { get: { parameters: [query('query', 'string', { required: true })], responses: { 200: {} } } },
    '/campaigns/{campaign_id}/actions/send': { post: { responses: { 204: {} } } },
  },
});
const SEND = { method: 'POST', route: '/3.0/campaigns/{campaign_id}/actions/send', status: 204, answer: undefined };
const PROBLEM = { type: 'about:blank', title: 'Bad Request', status: 400, detail: '', instance: '' };

describe("what Mailchimp's documents do not allow", () => {
  let documents: Documents;

  beforeAll(async () => {
    documents = { types: await openVendorTypes(), swagger: SWAGGER };
  });

  const found = (given: Partial<Exchange>, oracle: 'types' | 'swagger' = 'swagger'): string[] => {
    const plain = { method: 'GET', route: '/3.0/lists', query: new URLSearchParams(), request: undefined, status: 200 };
    const exchange = { ...plain, path: given.route ?? plain.route, answer: {}, fault: undefined, ...given };
    return checkExchange(documents, exchange).flatMap((finding) =>
      finding.oracle === oracle && exceptionOf(finding) === undefined ? [`${finding.part} ${finding.at} ${finding.message}`] : [],
    );
  };
  const UNKNOWN = 'must NOT have additional properties';

  it('includes a property of a body that is misspelt, at any depth', () => {
    const post = (request: unknown): string[] => found({ method: 'POST', request });
    expect(post({ name: 'Rye', contact: { city: 'Aarhus' }, rows: [{ city: 'Aarhus' }] })).toEqual([]);
    expect(post({ nmae: 'Rye' })).toEqual([`request nmae ${UNKNOWN}`]);
    expect(post({ contact: { town: 'Aarhus' } })).toEqual([`request contact.town ${UNKNOWN}`]);
    expect(post({ rows: [{}, { town: 'Aarhus' }] })).toEqual([`request rows.*.town ${UNKNOWN}`]);
  });

  it('includes what is wrong beside a union of which no branch fits', () => {
    const lines = found({ method: 'POST', request: { nam: 5, name: 5 } });
    expect(lines).toEqual(['request name must be string', 'request nam must match a schema in anyOf']);
  });

  it('includes a body where none is taken, but not an empty one', () => {
    const none = 'request  there must be no body';
    for (const oracle of ['types', 'swagger'] as const) {
      expect(found({ ...SEND, request: { now: true } }, oracle)).toEqual([none]);
      expect(found({ ...SEND, request: 'now' }, oracle)).toEqual([none]);
      expect(found({ ...SEND, request: {} }, oracle)).toEqual([]);
      expect(found({ request: { count: 5 } }, oracle).filter((line) => line.startsWith('request'))).toEqual([none]);
    }
  });

  it.each([
    ['count=ten', 'query count must be integer'],
    ['include_total_contacts=yes', 'query include_total_contacts must be boolean'],
    ['sort_dir=down', 'query sort_dir must be equal to one of the allowed values: ["ASC","DESC"]'],
    ['since_date_created=monday', 'query since_date_created must match format "date-time"'],
    ['page=2', `query page ${UNKNOWN}`],
  ])('includes the query ?%s', (given, line) => {
    expect(found({ query: new URLSearchParams(given) })).toEqual([line]);
  });

  it('does not include a query whose text can be read as what is asked for', () => {
    const given = 'count=10&include_total_contacts=true&sort_dir=ASC&since_date_created=2026-01-05T10:00:00%2B00:00&apikey=a';
    expect(found({ query: new URLSearchParams(given) })).toEqual([]);
  });

  it('includes a query without what it must have', () => {
    const route = '/3.0/search-members';
    expect(found({ route })).toEqual(["query query must have required property 'query'"]);
    expect(found({ route, query: new URLSearchParams('query=mona') })).toEqual([]);
  });

  it('includes an answer without a body, unless the network refused', () => {
    const typed = (status: number, more: Partial<Exchange> = {}): string[] => found({ ...SEND, status, ...more }, 'types');
    expect(typed(400)).toEqual(['answer  an error must have a body']);
    expect(typed(400, { answer: PROBLEM })).toEqual([]);
    expect([typed(429), typed(403)]).toEqual([[], []]);
    expect(found({ answer: undefined })).toEqual(['answer  must be object']);
    expect(found({ answer: undefined }, 'types')).toEqual(['answer  must be object']);
  });

  it('includes a value of the wrong kind where only another one, or none, is excepted', () => {
    const answered = (template: unknown): string[] =>
      found({ method: 'PUT', route: '/3.0/campaigns/{campaign_id}/content', request: { template } }, 'types').filter((line) =>
        line.startsWith('request'),
      );
    expect([answered({ id: 7 }), answered({ id: true })]).toEqual([[], ['request template.id must be string']]);
    const problem = (type: unknown): string[] => found({ ...SEND, status: 400, answer: { ...PROBLEM, type } }, 'types');
    expect(problem(undefined)).toEqual([]);
    expect(problem(5)).toEqual(['answer type must be string']);
  });
});
