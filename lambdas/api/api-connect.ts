import type { RoutesOf } from '../../src/contract/routes.ts';
import { composeVendor, type VendorApp } from '../shared/compose-vendor.ts';
import { withPeople } from '../shared/compose-people.ts';
import { httpHandler } from '../shared/http-handler.ts';
import type { RouteHandler } from '../shared/route-handler.ts';
import { connect } from './begin-connect.ts';
import { complete } from './complete-connect.ts';
import { disconnect } from './disconnect-platform.ts';
import { oauthCallback } from './receive-consent.ts';
import { repairWebhooks } from './repair-webhooks.ts';

/** A route of this function without a handler does not compile. */
const handlers: Record<RoutesOf<'api-connect'>, RouteHandler<VendorApp>> = {
  connect,
  oauthCallback,
  complete,
  disconnect,
  repairWebhooks,
};

export const handler = httpHandler(handlers, withPeople(composeVendor));
