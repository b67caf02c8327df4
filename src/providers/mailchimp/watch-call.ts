import { metrics } from '../../runtime/metrics.ts';
import { traced } from '../../runtime/segment.ts';
import { API_VERSION, type Endpoint } from './endpoints.ts';

const outcomeOf = (status: number): 'ok' | 'refused' | 'rate_limited' | 'failed' => {
  if (status === 429) return 'rate_limited';
  if (status >= 500) return 'failed';
  return status >= 400 ? 'refused' : 'ok';
};

/** What is told of where a call goes: its template, because the path itself holds ids, and one of them an address in disguise. */
const templateOf = ({ host, path }: Endpoint): string => (host === 'api' ? API_VERSION : '') + path;

/** Makes a call, counts how it went and how long it took, and traces it under the template of its endpoint. */
export async function watched<R extends { status: number }>(endpoint: Endpoint, call: () => Promise<R>): Promise<R> {
  const begun = performance.now();
  const count = (outcome: ReturnType<typeof outcomeOf> | 'no_answer'): void => {
    metrics.add('VendorCalls', { platform: 'mailchimp', outcome });
    metrics.add('VendorLatency', { platform: 'mailchimp' }, Math.round(performance.now() - begun));
  };
  const template = templateOf(endpoint);
  const remote = { method: endpoint.method, url: `https://mailchimp${template}` };
  const name = `Mailchimp ${endpoint.method} ${template.replace(/\{(\w+)\}/g, ':$1')}`;
  try {
    const answer = await traced({ name, namespace: 'remote' }, call, (end) => ({
      remote,
      ...('answer' in end && { status: end.answer.status }),
    }));
    count(outcomeOf(answer.status));
    return answer;
  } catch (error) {
    count('no_answer');
    throw error;
  }
}
