import { makeAudienceStore } from '../../src/storage/audience-store.ts';
import { makeConnectionStore } from '../../src/storage/connection-store.ts';
import { makeDocumentClient } from '../../src/storage/document-client.ts';
import { makeHookStore } from '../../src/storage/hook-store.ts';
import { makeSyncRunStore } from '../../src/storage/sync-run-store.ts';
import { Table } from '../../src/storage/table.ts';
import { askOverHttp } from './ask.ts';
import { checkHookCover, checkHookReach } from './check-hooks.ts';
import { notChecked, type Check } from './check.ts';

/** The looks at webhooks, through the service's own stores. @param of `probes`: whether one may be written for a moment; `dynamodb`: an endpoint, left out on AWS */
export function hookChecks(of: {
  tableName: string;
  dynamodb: string | undefined;
  publicBaseUrl: string;
  deploymentId: string;
  now: () => number;
  probes: boolean;
  sample: number;
}): Check[] {
  const table = new Table(makeDocumentClient(of.dynamodb), of.tableName);
  const hooks = makeHookStore(table);
  const reach: Check = of.probes
    ? checkHookReach(askOverHttp, hooks, of)
    : {
        name: 'webhooks from outside',
        rights: [],
        look: () => Promise.resolve(notChecked('It would write: left out with --read-only.')),
      };
  const stores = {
    connections: makeConnectionStore(table),
    audiences: makeAudienceStore(table),
    hooks,
    runs: makeSyncRunStore(table),
  };
  return [reach, checkHookCover(stores, of)];
}

/** How many tenants are connected, from the sparse index: 16 queries, 1 RRU for fifty tenants. */
export async function countTenants(tableName: string): Promise<number> {
  let tenants = 0;
  for await (const page of makeConnectionStore(new Table(makeDocumentClient(), tableName)).indexed('mailchimp', 'connected'))
    tenants += page.length;
  return tenants;
}
