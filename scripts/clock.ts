import { request } from 'node:http';
import { join, resolve } from 'node:path';
import { readStackFile } from '../local/stack/state/stack-file.ts';

const USAGE = 'Usage: npm run -s clock -- now | advance <number><s|m|h|d>, as in: advance 6h';
const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds in a duration such as `90s` or `6h`. @throws Error with the usage. */
function readDuration(text: string): number {
  const [, amount, unit] = /^(\d+)([smhd])$/.exec(text) ?? [];
  const ms = Number(amount) * (UNIT_MS[unit ?? ''] ?? NaN);
  if (!Number.isSafeInteger(ms)) throw new Error(USAGE);
  return ms;
}

/** Plain `node:http`, because a day's schedules may take longer than `fetch` waits for an answer. */
function call(url: string, method: 'GET' | 'POST', body: object | undefined): Promise<string> {
  return new Promise((fulfil, reject) => {
    const sent = request(url, { method, headers: { 'content-type': 'application/json' } }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () => (response.statusCode === 200 ? fulfil(text.trim()) : reject(new Error(text.trim()))));
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

const isRefused = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED';

async function main([command, duration, ...rest]: readonly string[]): Promise<string> {
  const wantsNow = command === 'now' && duration === undefined;
  const advance = command === 'advance' && duration !== undefined && rest.length === 0 ? readDuration(duration) : undefined;
  if (!wantsNow && advance === undefined) throw new Error(USAGE);
  const stateDir = process.env['LOCAL_STATE_DIR'];
  const file = resolve(join(stateDir === undefined || stateDir === '' ? '.local' : stateDir, 'stack.json'));
  const { clock } = readStackFile(file).endpoints;
  try {
    return advance === undefined
      ? await call(`${clock}/`, 'GET', undefined)
      : await call(`${clock}/advance`, 'POST', { ms: advance });
  } catch (error) {
    throw isRefused(error) ? new Error(`No stack is running: ${file} was left behind by one that ended.`) : error;
  }
}

try {
  console.log(await main(process.argv.slice(2)));
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
