import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { ALARM_METRICS, WEBHOOK_METRICS } from '../../bench/scale/prices.ts';
import { METRIC_NAMESPACE, METRICS } from '../../src/contract/service-metrics.ts';
import { emitted, watchedMetrics, type MetricIdentity } from './own-metrics.ts';
import { only, synthesize } from './synthesized.ts';

const { service } = synthesize();
const page = only(service.ofType('AWS::CloudWatch::Dashboard'), 'dashboard');

/** The body is text with references in between; each reference becomes a word. */
const joined = z.object({ 'Fn::Join': z.tuple([z.literal(''), z.array(z.unknown())]) });
const { 'Fn::Join': join } = joined.parse(page.Properties['DashboardBody']);
const bodyText = join[1].map((part) => (typeof part === 'string' ? part : 'REFERENCE')).join('');
const widgets = z
  .object({
    widgets: z.array(
      z.object({
        type: z.string(),
        y: z.number(),
        properties: z.object({
          title: z.string().optional(),
          markdown: z.string().optional(),
          metrics: z.array(z.array(z.unknown())).default([]),
          alarms: z.array(z.unknown()).default([]),
        }),
      }),
    ),
  })
  .parse(JSON.parse(bodyText)).widgets;
const titles = widgets.map(({ properties }) => properties.title ?? properties.markdown ?? '');

/** A row of a graph: namespace, name, dimension, value, …, how it is drawn. */
const drawn = widgets.flatMap(({ properties }) => properties.metrics);
const ownDrawn = drawn.filter(([namespace]) => namespace === METRIC_NAMESPACE);
function identityOf([, MetricName, ...rest]: readonly unknown[]): MetricIdentity {
  const words = rest.filter((part) => typeof part === 'string');
  const Dimensions = words.flatMap((word, index): [string, unknown][] => (index % 2 === 0 ? [[word, words[index + 1]]] : []));
  return {
    Namespace: METRIC_NAMESPACE,
    MetricName: String(MetricName),
    Dimensions: Dimensions.sort(([a], [b]) => a.localeCompare(b)),
  };
}

describe('the dashboard', () => {
  it('is one, and the stack says where', () => {
    expect(JSON.stringify(service.outputs['DashboardUrl']?.Value)).toContain(page.id);
  });

  it('begins with what a marketing team feels', () => {
    const top = widgets.filter(({ y }) => y > 0 && y < 7).map(({ properties }) => properties.title);
    expect(top).toEqual([
      'Sends by outcome',
      'Webhook deliveries by verdict, and answers 5xx',
      'Who left, by source',
      'Connections lost',
    ]);
  });

  it.each([
    ['the alarms', 'Alarms'],
    ['the latency of the API', 'One in a hundred is slower, ms'],
    ['its 5xx', '5xx'],
    ['the wait in the queues', 'Oldest message, s'],
    ['messages that failed', 'Messages that failed, and were done'],
    ['dead letters', 'Dead letters: kept, and new'],
    ['runs by task and state', 'Runs that ended, by task and state'],
    ['runs that were late', 'Runs that were due by 08:00 and ended later'],
    ['the latency of Mailchimp', 'Mailchimp answers, ms'],
    ['its answers', 'Calls of Mailchimp, by answer'],
    ['the units of the table', 'Table: units consumed'],
    ['the throttles of the table', 'Table: throttled'],
    ['concurrency', 'Running at once'],
  ])('shows %s', (_, title) => {
    expect(titles).toContain(title);
  });

  it('shows every alarm', () => {
    const shown = only(
      widgets.filter(({ type }) => type === 'alarm'),
      'list of alarms',
    );
    expect(shown.properties.alarms).toHaveLength(service.ofType('AWS::CloudWatch::Alarm').length);
  });

  it('draws nothing of ours that no function prints', () => {
    expect(ownDrawn.length).toBeGreaterThan(40);
    const known = emitted('dev');
    const strangers = ownDrawn.map((row) => JSON.stringify(identityOf(row))).filter((identity) => !known.includes(identity));
    expect(strangers).toEqual([]);
  });

  it('draws everything that the functions count', () => {
    expect(new Set(ownDrawn.map(([, name]) => name))).toEqual(new Set(Object.keys(METRICS)));
  });
});

describe('metrics of our own', () => {
  it('name no tenant, no account and no audience', () => {
    const names = new Set(Object.values(METRICS).flatMap(({ dimensions }) => Object.keys(dimensions)));
    expect([...names].sort()).toEqual(['outcome', 'platform', 'queue', 'reason', 'source', 'state', 'task', 'verdict']);
  });

  it('are as many, and cost as much, as docs/observability.md says', () => {
    const count = emitted('dev').length;
    const text = readFileSync('docs/observability.md', 'utf8');
    expect(text).toContain(`at most ${String(count)} metrics`);
    expect(text).toContain(`$${(count * 0.3).toFixed(2)} a month`);
    for (const name of Object.keys(METRICS)) {
      const own = emitted('dev').filter((metric) => metric.includes(`"MetricName":"${name}"`)).length;
      expect(text).toMatch(new RegExp(`^\\| \`${name}\` \\|.*\\| ${String(own)} \\|$`, 'm'));
    }
  });
});

it('the alarms watch as many metrics as the model of the bill takes them for', () => {
  const watched = service.ofType('AWS::CloudWatch::Alarm').flatMap(({ Properties }) => watchedMetrics(Properties));
  expect(ALARM_METRICS).toBe(watched.length + WEBHOOK_METRICS);
  expect(readFileSync('docs/observability.md', 'utf8')).toContain(`they watch, ${String(ALARM_METRICS)} at the most`);
});
