import { SECOND } from '../../src/core/shared/clock.ts';
import type { Ask } from './ask.ts';
import { bad, notChecked, ok, warn, type Check, type Finding } from './check.ts';

/** Signatures of AWS allow five minutes, and so do those of webhooks. */
const WRONG_MS = 60 * SECOND;
const DOUBTFUL_MS = 10 * SECOND;

async function compare(ask: Ask, name: string, url: string): Promise<Finding> {
  const answer = await ask(url, { method: 'HEAD' }).catch(() => undefined);
  const at = Date.parse(answer?.headers.get('date') ?? '');
  if (!answer || Number.isNaN(at)) return notChecked(`${name} told no time.`);
  // The header has whole seconds, of a moment between question and answer.
  const off = at + SECOND / 2 - (answer.askedAtMs + answer.answeredAtMs) / 2;
  const seconds = Math.round(Math.abs(off) / SECOND);
  const says = `This machine is ${seconds} s ${off > 0 ? 'behind' : 'ahead of'} ${name}.`;
  if (Math.abs(off) >= WRONG_MS)
    return bad(
      says,
      "Set this machine's clock (NTP). If it is right, the other one is wrong: beyond 300 s webhooks and calls of AWS are refused.",
    );
  return Math.abs(off) >= DOUBTFUL_MS ? warn(says, "Set this machine's clock (NTP).") : ok(says);
}

/** Whether this machine, AWS and the service agree on the time. @param awsUrl an endpoint of AWS; `undefined` where there is none */
export const checkClocks = (
  ask: Ask,
  { publicBaseUrl, awsUrl }: { publicBaseUrl: string; awsUrl: string | undefined },
): Check => ({
  name: 'clocks',
  rights: [],
  look: () =>
    Promise.all([
      compare(ask, 'the service', `${publicBaseUrl}/v1/health`),
      awsUrl === undefined ? notChecked('AWS: the stack runs on this machine.') : compare(ask, 'AWS', awsUrl),
    ]),
});
