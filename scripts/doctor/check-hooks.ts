import { WEBHOOK_PATH } from '../../src/contract/manifest.ts';
import type { AudienceStore } from '../../src/core/audience/audience.ts';
import type { ConnectionStore } from '../../src/core/connection/connection.ts';
import { HOUR, MINUTE, toEpochSeconds, toIso } from '../../src/core/shared/clock.ts';
import { newSecret, sha256 } from '../../src/core/shared/ids.ts';
import { hookUrl, newHookId } from '../../src/core/webhook/hook-id.ts';
import type { HookStore } from '../../src/core/webhook/hook.ts';
import type { SyncRunStore } from '../../src/core/sync/sync-run.ts';
import type { Ask } from './ask.ts';
import { bad, ok, warn, type Check, type Finding } from './check.ts';

/** Whose the probe is: no tenant has this id. */
const NOBODY = 'ten_doctor';
const GONE_AFTER_MS = 10 * MINUTE;

/**
 * Whether webhooks are reached from here, which is outside. Secrets of real ones are not stored, so one is made for a moment that no vendor knows:
 * it has to be answered 200, as Mailchimp demands when it is told of a webhook, and 404 with another secret.
 */
export const checkHookReach = (
  ask: Ask,
  hooks: Pick<HookStore, 'put' | 'remove'>,
  { publicBaseUrl, deploymentId, now }: { publicBaseUrl: string; deploymentId: string; now: () => number },
): Check => ({
  name: 'webhooks from outside',
  rights: ['dynamodb:PutItem and dynamodb:DeleteItem (on HOOK#* and TENANT#ten_doctor)'],
  async look() {
    const secret = newSecret();
    const config = { publicBaseUrl, deploymentId, webhookPath: WEBHOOK_PATH };
    const probe = {
      hookId: newHookId(config, NOBODY, now()),
      tenantId: NOBODY,
      platform: 'mailchimp' as const,
      accountId: '',
      audienceId: '',
      audienceVendorId: '',
      secretHash: sha256(secret),
      vendorId: null,
      signingSecret: null,
      status: 'pending' as const,
      createdAt: toIso(now()),
      coveredSince: null,
      patchedAt: null,
      heardUntil: null,
      renewalRefusedAt: null,
      // If this process dies, the table forgets it by itself.
      expiresAt: toEpochSeconds(now() + GONE_AFTER_MS),
    };
    const url = hookUrl(config, probe.hookId, secret);
    const statusOf = async (address: string, method: string): Promise<number | undefined> =>
      (await ask(address, { method }).catch(() => undefined))?.status;
    try {
      await hooks.put(probe);
      const answers: [what: string, status: number | undefined, expected: number][] = [
        ['GET', await statusOf(url, 'GET'), 200],
        ['HEAD', await statusOf(url, 'HEAD'), 200],
        ['GET with another secret', await statusOf(hookUrl(config, probe.hookId, newSecret()), 'GET'), 404],
      ];
      const wrong = answers.find(([, status, expected]) => status !== expected);
      if (!wrong) return ok('A webhook made for a moment was reached, with its secret alone.');
      const [what, status, expected] = wrong;
      const todo =
        'Mailchimp would refuse to register webhooks. A redirect, a firewall or a missing slash at the end of the path is the usual cause; 503: see "Webhooks fail" in docs/runbook.md.';
      return bad(`A webhook made for a moment: ${what} was answered ${status ?? 'by nobody'}, not ${expected}.`, todo);
    } finally {
      await hooks.remove(probe);
    }
  },
});

export interface HookCoverDeps {
  connections: Pick<ConnectionStore, 'indexed'>;
  audiences: Pick<AudienceStore, 'list'>;
  hooks: Pick<HookStore, 'list'>;
  runs: Pick<SyncRunStore, 'list'>;
}

/** The daily look at webhooks is late after this. */
const LOOKED_AT_WITHIN_MS = 26 * HOUR;

/**
 * Whether every audience of connected tenants has a webhook, and the service has compared them with Mailchimp's own list of late. Three queries a tenant.
 * @param request `sample`: how many tenants to look at, those that come first in the index
 */
export const checkHookCover = (deps: HookCoverDeps, { sample, now }: { sample: number; now: () => number }): Check => ({
  name: 'webhooks of tenants',
  rights: ['dynamodb:Query and dynamodb:BatchGetItem (on the table and its index GSI1)'],
  async look() {
    let [tenants, expected, active, late] = [0, 0, 0, 0];
    const lacking: string[] = [];
    for await (const page of deps.connections.indexed('mailchimp', 'connected')) {
      for (const { tenantId } of page.slice(0, sample - tenants)) {
        tenants++;
        const [audiences, hooks, runs] = await Promise.all([
          deps.audiences.list(tenantId, 'mailchimp'),
          deps.hooks.list(tenantId, 'mailchimp'),
          deps.runs.list(tenantId, 'audiences', 1, null),
        ]);
        const heard = new Set(hooks.filter(({ status }) => status === 'active').map(({ audienceId }) => audienceId));
        const covered = audiences.filter(({ id }) => heard.has(id)).length;
        expected += audiences.length;
        active += covered;
        if (covered < audiences.length) lacking.push(tenantId);
        if (now() - Date.parse(runs.items[0]?.queuedAt ?? '') > LOOKED_AT_WITHIN_MS) late++;
      }
      if (tenants >= sample) break;
    }
    if (tenants === 0) return ok('No tenant is connected.');
    const findings: Finding[] = [];
    const figures = `${active} of ${expected} audiences of ${tenants} tenants have one`;
    if (active < expected)
      findings.push(
        warn(
          `${figures}; lacking: ${lacking.slice(0, 5).join(', ')}${lacking.length > 5 ? ', …' : ''}.`,
          'The daily look at 05:00 UTC makes them, or the tenant: POST /v1/integrations/mailchimp/webhooks/repair. Its run says why it could not.',
        ),
      );
    else findings.push(ok(`${figures}.`));
    if (late > 0)
      findings.push(
        warn(
          `${late} tenants have not been compared with Mailchimp for over a day.`,
          'See "A schedule is silent" and "The sync queue is late" in docs/runbook.md.',
        ),
      );
    else findings.push(ok('All of them were compared with Mailchimp within a day, or asked to be.'));
    return findings;
  },
});
