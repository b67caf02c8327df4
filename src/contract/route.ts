import * as z from 'zod';
import { pageQuery } from './common.ts';
import type { AuditAction } from '../core/shared/audit-actions.ts';
import type { ErrorCode } from '../core/shared/errors.ts';
import type { FunctionName } from './manifest.ts';
import { ROLES, type Role } from './settings.ts';
import type { ThrottleName } from './throttles.ts';

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'ANY';

export interface Route {
  method: Method;
  /** In API Gateway's form: `/v1/campaigns/{id}`. */
  path: `/${string}`;
  fn: FunctionName;
  summary: string;
  /** What kind of work it is to API Gateway; `standard` when nothing is said. */
  throttle?: ThrottleName;
  /** Who may call; `null` for the few routes that carry no credential. */
  roles: readonly Role[] | null;
  params?: z.ZodObject;
  query?: z.ZodObject;
  body?: z.ZodType;
  /** A body that is a text of this kind instead of JSON; its schema is one of a string. */
  bodyType?: { mediaType: `text/${string}`; maxBytes: number; description: string; example: string };
  /** Honours Idempotency-Key. */
  idempotent?: boolean;
  /** What the audit trail calls a request of this route; nothing happens that the trail did not take down. */
  audit?: AuditAction;
  /** Only a request whose body fits this is taken down. */
  auditIf?: z.ZodType;
  /** The answer's status and shape; `null` for an answer without JSON, which may be a page of CSV with these columns. */
  answer: { status: number; schema: z.ZodType | null; csvColumns?: readonly string[] };
  errors: readonly ErrorCode[];
}

/** Publishing is for owner, admin and editor; a writer drafts; a viewer reads. */
export const READERS = ROLES;
export const WRITERS = ['owner', 'admin', 'editor', 'writer'] as const satisfies readonly Role[];
export const SENDERS = ['owner', 'admin', 'editor'] as const satisfies readonly Role[];
export const ADMINS = ['owner', 'admin'] as const satisfies readonly Role[];

/** What every route that calls the vendor may answer. */
export const NEEDS_VENDOR = [
  'not_connected',
  'invalid_token',
  'api_endpoint_error',
  'account_disabled',
  'vendor_unavailable',
  'vendor_rate_limited',
] as const satisfies readonly ErrorCode[];

/** What an Idempotency-Key may lead to. */
export const KEYED = ['idempotency_key_reused', 'idempotency_key_in_flight'] as const satisfies readonly ErrorCode[];

/** Lists in pages. */
export const pages = z.strictObject(pageQuery);
