import { afterAll, beforeAll, describe } from '@jest/globals';
import type { Table } from '../../src/storage/table.ts';
import type { OpenedTable } from '../support/open-table.ts';
import { accountStores } from './account-stores.ts';
import { auditStores } from './audit-stores.ts';
import { campaignStores } from './campaign-stores.ts';
import { connectionStores } from './connection-stores.ts';
import { driftStores } from './drift-stores.ts';
import { erasureStores } from './erasure-stores.ts';
import { ledgerStores } from './ledger-stores.ts';
import { quarantineStores } from './quarantine-stores.ts';
import { reasonReaders } from './reason-readers.ts';
import { suppressionStores } from './suppression-stores.ts';
import { syncStores } from './sync-stores.ts';

/** Every store against a real engine. Each test works with tenants of its own in one table. */
export function describeStorage(name: string, openTable: () => Promise<OpenedTable>): void {
  describe(`the stores on ${name}`, () => {
    let opened: OpenedTable;
    beforeAll(async () => {
      opened = await openTable();
    });
    afterAll(() => opened.close());
    const table = (): Table => opened.table;
    describe('tenants, keys, settings, rates and idempotency', () => accountStores(table));
    describe('connections, consents and hooks', () => connectionStores(table));
    describe('unreadable deliveries', () => quarantineStores(table));
    describe('campaigns, contents, reports and audiences', () => campaignStores(table));
    describe('the ledger and open claims', () => ledgerStores(table));
    describe('suppressions', () => suppressionStores(table));
    describe('what webhooks did not tell', () => driftStores(table));
    describe('erasures', () => erasureStores(table));
    describe('the check of suppressions', () => reasonReaders(table));
    describe('sync runs', () => syncStores(table));
    describe('the audit trail', () => auditStores(table));
  });
}
