import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Metrics as EmfWriter } from '@aws-lambda-powertools/metrics';
import * as z from 'zod';
import { flushMetrics, metrics } from '../../../src/runtime/metrics.ts';
import { log } from '../../../src/runtime/logger.ts';

let lines: string[] = [];
beforeEach(() => {
  lines = [];
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
  process.env['AWS_EXECUTION_ENV'] = 'AWS_Lambda_nodejs24.x';
  process.env['STAGE'] = 'prod';
});
afterEach(() => {
  flushMetrics();
  jest.restoreAllMocks();
  delete process.env['AWS_EXECUTION_ENV'];
  delete process.env['STAGE'];
});

const emf = z.looseObject({
  _aws: z.object({
    Timestamp: z.number(),
    CloudWatchMetrics: z.tuple([
      z.object({
        Namespace: z.string(),
        Dimensions: z.array(z.array(z.string())),
        Metrics: z.array(z.object({ Name: z.string(), Unit: z.string() })),
      }),
    ]),
  }),
});
const printed = () => lines.map((line) => emf.parse(JSON.parse(line)));

describe('metrics', () => {
  it('leave as one line in the embedded format when the invocation ends, added up', () => {
    metrics.add('SuppressionFacts', { source: 'webhook' });
    metrics.add('SuppressionFacts', { source: 'webhook' }, 4);
    expect(lines).toEqual([]);
    flushMetrics();
    expect(printed()).toMatchObject([
      {
        stage: 'prod',
        source: 'webhook',
        SuppressionFacts: 5,
        _aws: {
          CloudWatchMetrics: [
            {
              Namespace: 'ILLIXIS/EmailPlatform',
              Dimensions: [['stage', 'source']],
              Metrics: [{ Name: 'SuppressionFacts', Unit: 'Count' }],
            },
          ],
        },
      },
    ]);
    flushMetrics();
    expect(lines).toHaveLength(1);
  });

  it('have no dimension but the stage where none is declared', () => {
    metrics.add('DroppedLogFields', {});
    flushMetrics();
    expect(printed()[0]?._aws.CloudWatchMetrics[0].Dimensions).toEqual([['stage']]);
  });

  it('leave at once where a function that is killed must not take them along', () => {
    metrics.add('Sends', { outcome: 'accepted' });
    metrics.add('SyncRunDuration', { task: 'push' }, 1_200);
    expect(printed()).toMatchObject([
      { outcome: 'accepted', Sends: 1 },
      { task: 'push', SyncRunDuration: 1_200 },
    ]);
    flushMetrics();
    expect(lines).toHaveLength(2);
  });

  it('that cannot be printed stop nothing, and a line says so', () => {
    jest.spyOn(EmfWriter.prototype, 'addMetric').mockImplementation(() => {
      throw new RangeError('no such unit');
    });
    metrics.add('VendorLatency', { platform: 'mailchimp' }, 7);
    expect(() => flushMetrics()).not.toThrow();
    expect(lines.map((line): unknown => JSON.parse(line))).toMatchObject([{ event: 'metrics.not_printed' }]);
  });

  it('keep every duration, also more than one line may hold, each under its dimensions', () => {
    for (let ms = 1; ms <= 250; ms++) metrics.add('VendorLatency', { platform: 'mailchimp' }, ms);
    flushMetrics();
    const values = z.array(
      z.object({ VendorLatency: z.array(z.number()), platform: z.literal('mailchimp'), stage: z.literal('prod') }),
    );
    const told = values.parse(printed());
    expect(told.length).toBeGreaterThan(1);
    expect(told.flatMap(({ VendorLatency }) => VendorLatency).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 250 }, (_, index) => index + 1),
    );
  });

  it('count what the logger left out', () => {
    log.warn('webhook.rejected', { why: 'mona@harborlane.test' });
    lines = [];
    flushMetrics();
    expect(printed()).toMatchObject([{ DroppedLogFields: 1 }]);
  });

  it('are neither printed nor kept outside of Lambda', () => {
    delete process.env['AWS_EXECUTION_ENV'];
    metrics.add('RunsEndedAfterEight', {});
    flushMetrics();
    process.env['AWS_EXECUTION_ENV'] = 'AWS_Lambda_nodejs24.x';
    flushMetrics();
    expect(lines).toEqual([]);
  });
});
