import { connect } from 'node:net';
import { Agent } from 'node:https';
import { createRequire, syncBuiltinESMExports } from 'node:module';

/**
 * Loaded into a stack before anything else: the API hosts of Mailchimp are then a port of this machine, under their own
 * names and without TLS. So the service follows the hosts of its accounts as it does in a deployment.
 */
const port = Number(process.env.VENDOR_HOSTS_PORT);
const direct = Agent.prototype.createConnection;
Agent.prototype.createConnection = function createConnection(options, ...rest) {
  const isVendor = /(^|\.)api\.mailchimp\.com$/.test(options.host);
  return isVendor ? connect(port, '127.0.0.1') : direct.call(this, options, ...rest);
};

// The functions run in workers with an environment of their own.
const threads = createRequire(import.meta.url)('node:worker_threads');
threads.Worker = class extends threads.Worker {
  constructor(file, options) {
    const env = { ...options?.env, VENDOR_HOSTS_PORT: process.env.VENDOR_HOSTS_PORT };
    super(file, { ...options, env, execArgv: ['--import', import.meta.url] });
  }
};
syncBuiltinESMExports();
