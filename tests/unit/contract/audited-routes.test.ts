import { describe, expect, it } from '@jest/globals';
import { ROUTE_IDS, ROUTES } from '../../../src/contract/routes.ts';
import type { Route } from '../../../src/contract/route.ts';
import { AUDIT_ACTIONS } from '../../../src/core/shared/audit-actions.ts';

const routes = ROUTE_IDS.map((id): { id: string; route: Route } => ({ id, route: ROUTES[id] }));
const isWriting = ({ method }: Route): boolean => ['POST', 'PUT', 'PATCH', 'DELETE'].includes(method);

/** Writing routes that the trail leaves out, and why. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  connect: 'changes nothing until the consent is completed, and completing is taken down',
  checkSuppressions: 'only reads; it is a POST because of its size',
  editCampaign: 'a draft mails nobody; the entry of the send names what is sent',
  duplicateCampaign: 'makes a draft, which mails nobody',
  preflightCampaign: 'only asks what would stop a send',
  refreshAudiences: 'reads the platform anew; the run has a history of its own',
  refreshMetrics: 'reads the platform anew; the run has a history of its own',
  startSync: 'reads the platform anew; the run has a history of its own',
};
/** What the service itself takes down, without a request. */
const BY_THE_SYSTEM = ['connection.revived', 'campaign.send_failed', 'connection.lost', 'webhooks.renewed'];

describe('the audit trail of the route table', () => {
  it('takes down every writing route but those with a reason', () => {
    const without = routes.filter(({ route }) => isWriting(route) && !route.audit).map(({ id }) => id);
    expect(without.sort()).toEqual(Object.keys(LEFT_OUT).sort());
  });

  it('takes down whatever needs more than a writer, except the beginning of a consent', () => {
    const guarded = routes.filter(({ route }) => isWriting(route) && route.roles && !route.roles.includes('writer'));
    expect(guarded.length).toBeGreaterThan(8);
    expect(guarded.filter(({ route }) => !route.audit).map(({ id }) => id)).toEqual(['connect']);
  });

  it('takes down nothing without a caller', () => {
    expect(routes.filter(({ route }) => route.audit && route.roles === null)).toEqual([]);
  });

  it('uses every action of the closed list', () => {
    const used = routes.flatMap(({ route }) => route.audit ?? []);
    expect([...new Set([...used, ...BY_THE_SYSTEM])].sort()).toEqual([...AUDIT_ACTIONS].sort());
  });

  it('takes down a new campaign when it is to be sent', () => {
    const { auditIf } = ROUTES.createCampaign;
    expect(['send', 'draft', undefined].map((action) => auditIf.safeParse({ action, subject: 'x' }).success)).toEqual([
      true,
      false,
      false,
    ]);
    expect(routes.filter(({ route }) => route.auditIf).map(({ id }) => id)).toEqual(['createCampaign']);
  });

  it('is changed by no route', () => {
    const own = routes.filter(({ route }) => route.path.startsWith('/v1/audit'));
    expect(own.map(({ route }) => `${route.method} ${route.path}`)).toEqual(['GET /v1/audit']);
  });
});
