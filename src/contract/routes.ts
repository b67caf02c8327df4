import { campaignRoutes } from './campaign-routes.ts';
import { connectionRoutes } from './connection-routes.ts';
import { metricsRoutes } from './metrics-routes.ts';
import type { Route } from './route.ts';
import { serviceRoutes } from './service-routes.ts';
import { suppressionRoutes } from './suppression-routes.ts';

/**
 * Every route of the service, once. From it come the API Gateway routes, authentication, validation, the OpenAPI
 * document, the local server and the list of handlers a function must have.
 */
export const ROUTES = {
  ...serviceRoutes,
  ...connectionRoutes,
  ...campaignRoutes,
  ...metricsRoutes,
  ...suppressionRoutes,
} as const satisfies Record<string, Route>;

export type Routes = typeof ROUTES;
export type RouteId = keyof Routes;
export const ROUTE_IDS = Object.keys(ROUTES).filter((id): id is RouteId => id in ROUTES);
/** The ids of the routes that one function serves. */
export type RoutesOf<F extends Route['fn']> = { [K in RouteId]: Routes[K]['fn'] extends F ? K : never }[RouteId];
