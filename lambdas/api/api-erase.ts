import type { RoutesOf } from '../../src/contract/routes.ts';
import { composeVendor, type VendorApp } from '../shared/compose-vendor.ts';
import { withPeople } from '../shared/compose-people.ts';
import { httpHandler } from '../shared/http-handler.ts';
import type { RouteHandler } from '../shared/route-handler.ts';
import { eraseContact } from './erase-contact.ts';

/** A route of this function without a handler does not compile. */
const handlers: Record<RoutesOf<'api-erase'>, RouteHandler<VendorApp>> = {
  eraseContact,
};

export const handler = httpHandler(handlers, withPeople(composeVendor));
