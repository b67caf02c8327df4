import * as z from 'zod';
import type { ErrorCode } from '../core/shared/errors.ts';
import { idSchema } from '../core/shared/ids.ts';
import { automationsAnswer } from './audience.ts';
import { acceptedRunSchema, pageOf, pageQuery } from './common.ts';
import { ADMINS, READERS, WRITERS, type Route } from './route.ts';
import { apiKeySchema, createApiKeyBody, createdApiKeySchema, senderSchema, settingsBody, settingsSchema } from './settings.ts';
import { startSyncBody, syncRunSchema, taskSchema } from './sync.ts';

const pages = z.strictObject(pageQuery);
const runPath = z.object({ id: z.string().regex(/^sync_(suppressions|metrics|audiences|automations)-[0-9A-Z]{26}$/) });
const KEYED = ['idempotency_key_reused', 'idempotency_key_in_flight'] as const satisfies readonly ErrorCode[];

export const serviceRoutes = {
  health: {
    method: 'GET',
    path: '/v1/health',
    fn: 'api-read',
    roles: null,
    summary: 'Is the service up',
    answer: { status: 200, schema: z.object({ status: z.literal('ok') }) },
    errors: [],
  },
  openapi: {
    method: 'GET',
    path: '/v1/openapi.json',
    fn: 'api-read',
    roles: null,
    summary: 'This API as an OpenAPI 3.1 document',
    answer: { status: 200, schema: z.record(z.string(), z.unknown()) },
    errors: [],
  },
  docs: {
    method: 'GET',
    path: '/v1/docs',
    fn: 'api-read',
    roles: null,
    summary: 'This API as a page',
    answer: { status: 200, schema: null },
    errors: [],
  },
  getSettings: {
    method: 'GET',
    path: '/v1/settings',
    fn: 'api-read',
    roles: ADMINS,
    summary: 'Settings',
    answer: { status: 200, schema: settingsSchema },
    errors: [],
  },
  putSettings: {
    method: 'PUT',
    path: '/v1/settings',
    fn: 'api-write',
    roles: ADMINS,
    summary: 'Change the settings given',
    body: settingsBody,
    answer: { status: 200, schema: settingsSchema },
    errors: ['service_unavailable'],
  },
  getSender: {
    method: 'GET',
    path: '/v1/settings/sender',
    fn: 'api-write',
    roles: READERS,
    summary: 'The effective sender address, the rule that gave it, and whether its domain is verified',
    answer: { status: 200, schema: senderSchema },
    errors: [],
  },
  listApiKeys: {
    method: 'GET',
    path: '/v1/api-keys',
    fn: 'api-read',
    roles: ADMINS,
    summary: 'API keys, without the keys',
    query: pages,
    answer: { status: 200, schema: pageOf(apiKeySchema) },
    errors: [],
  },
  createApiKey: {
    method: 'POST',
    path: '/v1/api-keys',
    fn: 'api-write',
    roles: ADMINS,
    summary: 'Make an API key; it is shown once',
    body: createApiKeyBody,
    answer: { status: 201, schema: createdApiKeySchema },
    errors: [],
  },
  revokeApiKey: {
    method: 'DELETE',
    path: '/v1/api-keys/{id}',
    fn: 'api-write',
    roles: ADMINS,
    summary: 'Revoke an API key',
    params: z.object({ id: idSchema('key') }),
    answer: { status: 204, schema: null },
    errors: [],
  },
  listAutomations: {
    method: 'GET',
    path: '/v1/automations',
    fn: 'api-read',
    roles: READERS,
    summary: 'Classic automations and their numbers',
    query: pages,
    answer: { status: 200, schema: automationsAnswer },
    errors: ['invalid_cursor'],
  },
  startSync: {
    method: 'POST',
    path: '/v1/syncs',
    fn: 'api-write',
    roles: WRITERS,
    summary: 'Start a sync, or get the id of the one that runs',
    body: startSyncBody,
    idempotent: true,
    answer: { status: 202, schema: acceptedRunSchema },
    errors: ['not_connected', 'invalid_token', 'account_disabled', ...KEYED],
  },
  listSyncs: {
    method: 'GET',
    path: '/v1/syncs',
    fn: 'api-read',
    roles: READERS,
    summary: 'History of syncs, newest first',
    query: z.strictObject({ ...pageQuery, task: taskSchema.optional() }),
    answer: { status: 200, schema: pageOf(syncRunSchema) },
    errors: ['invalid_cursor'],
  },
  getSync: {
    method: 'GET',
    path: '/v1/syncs/{id}',
    fn: 'api-read',
    roles: READERS,
    summary: 'One sync and its progress',
    params: runPath,
    answer: { status: 200, schema: syncRunSchema },
    errors: [],
  },
} as const satisfies Record<string, Route>;
