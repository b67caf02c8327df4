import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { FUNCTIONS } from '../../src/contract/manifest.ts';
import { dispatchSyncs } from '../../src/core/sync/dispatch-syncs.ts';
import { makeConnectionStore } from '../../src/storage/connection-store.ts';
import { makeDocumentClient } from '../../src/storage/document-client.ts';
import { makeQueueClient, makeSyncQueue } from '../../src/storage/queues.ts';
import { Table } from '../../src/storage/table.ts';
import { FULL_CORE_MB } from './assumptions.ts';

/**
 * `node --import tsx bench/scale/measure-dispatch.ts`: the CPU of the service's dispatcher, with the SDK's clients and their HTTP,
 * over 20,000 tenants. The table and the queue answer at once, in a process of their own. Without TLS.
 */
const TENANTS = 20_000;
const SHARDS = 16;
const SERVER = `
  const item = (i) => ({ GSI1SK: { S: 'ten_' + String(i).padStart(26, '0') }, vendorUser: { S: String(i).padStart(12, '8') } });
  const Items = Array.from({ length: ${TENANTS / SHARDS} }, (_, i) => item(i));
  const page = JSON.stringify({ Items, Count: Items.length });
  const server = require('node:http').createServer((request, response) => {
    request.resume().on('end', () => {
      response.setHeader('content-type', 'application/x-amz-json-1.0');
      response.end(String(request.headers['x-amz-target']).endsWith('.Query') ? page : '{"Successful":[],"Failed":[]}');
    });
  });
  server.listen(0, '127.0.0.1', () => console.log(server.address().port));
`;

Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'none', AWS_SECRET_ACCESS_KEY: 'none', AWS_REGION: 'us-east-1' });
const server = spawn(process.execPath, ['-e', SERVER], { stdio: ['ignore', 'pipe', 'inherit'] });
try {
  const said: unknown[] = await once(server.stdout, 'data');
  const endpoint = `http://127.0.0.1:${String(said[0]).trim()}`;
  const deps = {
    clock: { now: () => Date.now() },
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    connections: makeConnectionStore(new Table(makeDocumentClient(endpoint), 'model')),
    syncQueue: makeSyncQueue(makeQueueClient(endpoint), `${endpoint}/000000000000/sync.fifo`),
  };
  const before = process.cpuUsage();
  const tenants = await dispatchSyncs(deps, { platform: 'mailchimp', task: 'metrics', time: new Date().toISOString() });
  const { user, system } = process.cpuUsage(before);
  const ms = (user + system) / 1_000 / tenants;
  const share = FUNCTIONS.dispatcher.memoryMb / FULL_CORE_MB;
  console.log(`${tenants} tenants: ${ms.toFixed(3)} ms of a core for each, ${(ms / share).toFixed(2)} ms in the function.`);
} finally {
  server.kill();
}
