import type { RoutesOf } from '../../src/contract/routes.ts';
import { composeQueues } from '../shared/compose-queues.ts';
import { composeStorage } from '../shared/compose-storage.ts';
import { withPeople } from '../shared/compose-people.ts';
import { httpHandler } from '../shared/http-handler.ts';
import type { RouteHandler } from '../shared/route-handler.ts';
import { checkSuppressions } from './check-suppressions.ts';
import { exportContact } from './export-contact.ts';
import { explainSuppression } from './explain-suppression.ts';
import { exportMetrics } from './export-metrics.ts';
import { exportSuppressions } from './export-suppressions.ts';
import { getCaller } from './get-caller.ts';
import { getCampaign } from './get-campaign.ts';
import { getConnection } from './get-connection.ts';
import { docs } from './get-docs.ts';
import { health } from './get-health.ts';
import { getMetrics } from './get-metrics.ts';
import { openapi } from './get-openapi.ts';
import { getReport } from './get-report.ts';
import { getSettings } from './get-settings.ts';
import { getDrift } from './get-drift.ts';
import { getSuppression } from './get-suppression.ts';
import { getSync } from './get-sync.ts';
import { listApiKeys } from './list-api-keys.ts';
import { listAudit } from './list-audit.ts';
import { listAudiences } from './list-audiences.ts';
import { listAutomations } from './list-automations.ts';
import { listCampaigns } from './list-campaigns.ts';
import { listConnections } from './list-connections.ts';
import { listOperations } from './list-operations.ts';
import { listQuarantine } from './list-quarantine.ts';
import { listSuppressions } from './list-suppressions.ts';
import { listSyncs } from './list-syncs.ts';
import { listTemplates } from './list-templates.ts';
import { listWebhooks } from './list-webhooks.ts';
import { summarizeMetrics } from './summarize-metrics.ts';

const compose = () => ({ ...composeStorage(), ...composeQueues() });
export type ReadApp = ReturnType<typeof compose>;

/** A route of this function without a handler does not compile. */
const handlers: Record<RoutesOf<'api-read'>, RouteHandler<ReadApp>> = {
  health,
  openapi,
  docs,
  getCaller,
  listConnections,
  getConnection,
  listWebhooks,
  listQuarantine,
  getSettings,
  listAudiences,
  listTemplates,
  listCampaigns,
  getCampaign,
  getMetrics,
  listOperations,
  getReport,
  summarizeMetrics,
  exportMetrics,
  listSuppressions,
  checkSuppressions,
  exportSuppressions,
  getDrift,
  getSuppression,
  exportContact,
  explainSuppression,
  listAutomations,
  listSyncs,
  getSync,
  listApiKeys,
  listAudit,
};

export const handler = httpHandler(handlers, withPeople(compose));
