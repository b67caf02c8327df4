import * as z from 'zod';
import { emailSchema } from '../core/shared/email-address.ts';
import { pageOf, pageQuery } from './common.ts';
import { pages, KEYED, ADMINS, READERS, SENDERS, type Route } from './route.ts';
import {
  addSuppressionBody,
  checkSuppressionsAnswer,
  checkSuppressionsBody,
  erasureAnswer,
  liftSuppressionBody,
  suppressionItemSchema,
  suppressionSchema,
} from './suppression.ts';

/** Compared in its normalised form; percent-encoded in the path. */
const emailPath = z.object({ email: emailSchema });

export const suppressionRoutes = {
  listSuppressions: {
    method: 'GET',
    path: '/v1/suppressions',
    fn: 'api-read',
    roles: READERS,
    summary: 'Everybody who must not be mailed, newest first',
    query: pages,
    answer: { status: 200, schema: pageOf(suppressionItemSchema) },
    errors: ['invalid_cursor'],
  },
  addSuppression: {
    method: 'POST',
    path: '/v1/suppressions',
    fn: 'api-write',
    roles: SENDERS,
    summary: 'Suppress an address by hand',
    body: addSuppressionBody,
    idempotent: true,
    audit: 'suppression.added',
    answer: { status: 201, schema: suppressionSchema },
    errors: ['service_unavailable', ...KEYED],
  },
  checkSuppressions: {
    method: 'POST',
    path: '/v1/suppressions/check',
    fn: 'api-read',
    roles: READERS,
    summary: 'Which of up to 10,000 addresses are suppressed',
    body: checkSuppressionsBody,
    answer: { status: 200, schema: checkSuppressionsAnswer },
    errors: ['service_unavailable'],
  },
  exportSuppressions: {
    method: 'GET',
    path: '/v1/suppressions/export',
    fn: 'api-read',
    roles: ADMINS,
    summary: 'CSV pages; follow Link: rel=next',
    query: z.strictObject({ cursor: pageQuery.cursor }),
    audit: 'suppressions.exported',
    answer: { status: 200, schema: null },
    errors: ['invalid_cursor'],
  },
  getSuppression: {
    method: 'GET',
    path: '/v1/suppressions/{email}',
    fn: 'api-read',
    roles: READERS,
    summary: 'Why one address is suppressed',
    params: emailPath,
    answer: { status: 200, schema: suppressionSchema },
    errors: [],
  },
  liftSuppression: {
    method: 'DELETE',
    path: '/v1/suppressions/{email}',
    fn: 'api-write',
    roles: ADMINS,
    summary: 'Lift a suppression, with a reason; never a complaint',
    params: emailPath,
    query: z.strictObject({ reason: liftSuppressionBody.shape.reason.optional() }),
    body: liftSuppressionBody.optional(),
    audit: 'suppression.lifted',
    answer: { status: 204, schema: null },
    errors: ['complaint_stays', 'erasure_stays', 'service_unavailable'],
  },
  eraseContact: {
    method: 'DELETE',
    path: '/v1/contacts/{email}',
    fn: 'api-erase',
    roles: ADMINS,
    summary: 'Erase a person here and at the platform; they stay suppressed',
    params: emailPath,
    audit: 'contact.erased',
    answer: { status: 200, schema: erasureAnswer },
    errors: ['vendor_unavailable', 'service_unavailable'],
  },
} as const satisfies Record<string, Route>;
