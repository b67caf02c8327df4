import { createHash } from 'node:crypto';
import { start } from '../local/simulator/start.ts';

/**
 * What a list of a million members costs the simulator: memory of the whole process, and the time of a page, of a
 * person found by hash, and of a mailing to all of them. `npm run bench:million`, with `--members N` for another size.
 */
const MB = 1024 * 1024;
const members = Number(process.argv[process.argv.indexOf('--members') + 1] || 1_000_000) || 1_000_000;

const simulator = await start({ port: 0, empty: true });
const rss = (): number => {
  globalThis.gc?.();
  return process.memoryUsage().rss / MB;
};

async function call(method: string, path: string, body?: object, token = ''): Promise<unknown> {
  const reply = await fetch(simulator.url + path, {
    method,
    headers: { authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return reply.status === 204 ? undefined : await reply.json();
}

function textAt(json: unknown, ...path: (string | number)[]): string {
  let value = json;
  for (const name of path) value = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
  return String(value);
}

async function timed<T>(what: string, run: () => Promise<T>): Promise<T> {
  const before = performance.now();
  const result = await run();
  console.log(
    `${what.padEnd(46)} ${(performance.now() - before).toFixed(0).padStart(7)} ms   ${rss().toFixed(0).padStart(5)} MB`,
  );
  return result;
}

console.log(`${'a list of'.padEnd(20)} ${members.toLocaleString('en-US')} members`);
console.log(`${'before'.padEnd(57)}    ${rss().toFixed(0).padStart(5)} MB`);
const account = textAt(await call('POST', '/_control/accounts', { name: 'Large', verifiedDomains: ['large.test'] }), 'id');
const token = textAt(await call('POST', `/_control/accounts/${account}/tokens`), 'access_token');
const population = {
  subscribed: Math.round(members * 0.93),
  unsubscribed: Math.round(members * 0.06),
  cleaned: Math.round(members * 0.01),
};
const list = await timed('made', async () =>
  textAt(await call('POST', '/_control/lists', { members: population }), 'lists', 0, 'id'),
);
const path = `/3.0/lists/${list}/members`;
await timed('a page of 1,000', () => call('GET', `${path}?count=1000`, undefined, token));
await timed('a page of those who left, by time of change', () =>
  call('GET', `${path}?status=unsubscribed&sort_field=last_changed&count=1000&offset=1000`, undefined, token),
);
await timed('the last page, as slow as the vendor', () =>
  call('GET', `${path}?count=1000&offset=${members - 1_000}`, undefined, token),
);
const first = textAt(
  await call('GET', `${path}?count=1&offset=${Math.floor(members / 2)}`, undefined, token),
  'members',
  0,
  'email_address',
);
const hash = createHash('md5').update(first).digest('hex');
await timed('one by hash, which builds the index', () => call('GET', `${path}/${hash}`, undefined, token));
await timed('one by hash, with the index', () => call('GET', `${path}/${hash}`, undefined, token));
await timed('3,000 of them leave', () => call('POST', `/_control/lists/${list}/burst`, { count: 3_000, action: 'unsubscribe' }));
const settings = { subject_line: 'Rye', from_name: 'Large', reply_to: 'hello@large.test' };
const draft = textAt(
  await call('POST', '/3.0/campaigns', { type: 'regular', recipients: { list_id: list }, settings }, token),
  'id',
);
await call('PUT', `/3.0/campaigns/${draft}/content`, { html: '<p>*|UNSUB|*</p>' }, token);
await timed('a mailing to all of them', () => call('POST', `/3.0/campaigns/${draft}/actions/send`, {}, token));
await call('POST', '/_control/clock/advance', { days: 3 });
await timed('its report', () => call('GET', `/3.0/reports/${draft}`, undefined, token));
await timed('a deep page of whom it went to', () =>
  call('GET', `/3.0/reports/${draft}/sent-to?count=1000&offset=${Math.floor(members / 2)}`, undefined, token),
);
await simulator.close();
