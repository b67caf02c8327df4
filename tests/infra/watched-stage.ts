import { instantsBetween } from '../../local/stack/schedules/rule-times.ts';
import { logicalId } from '../../lib/logical-id.ts';
import { RULES, type FunctionName, type RuleName } from '../../src/contract/manifest.ts';
import { METRIC_NAMESPACE, STAGE_DIMENSION, type DimensionsOf, type MetricName } from '../../src/contract/service-metrics.ts';
import { isRinging, readAlarm } from './evaluate-alarm.ts';
import { watchedMetrics, type MetricIdentity } from './own-metrics.ts';
import { Recording } from './recording.ts';
import { only, synthesize } from './synthesized.ts';

const { service } = synthesize();
const alarms = service.ofType('AWS::CloudWatch::Alarm').map(({ id, Properties }) => ({
  name: /^Monitoring(.+)[0-9A-F]{8}$/.exec(id)?.[1] ?? id,
  definition: readAlarm(Properties),
  watched: watchedMetrics(Properties),
}));
export const ALARM_NAMES = alarms.map(({ name }) => name);

const DAY = 24 * 60;
/** Minutes since the epoch's first midnight: everything happens on the third day, after two that were as usual. */
export const at = (hour: number, minute = 0): number => 2 * DAY + hour * 60 + minute;
const STEP = 5;
/** CloudWatch looks at more than the evaluation periods, and does not say at how much. */
const LOOKS = [0, 3];

/** When each alarm began to ring. */
type Rung = Readonly<Record<string, number>>;

/** A stage of which CloudWatch hears what a test tells, judged by the alarms of its template. */
export class WatchedStage {
  readonly recording = new Recording();

  /** Tells of the schedules of five days. @param firesAt whether a rule fires at a minute; all do as usual */
  fireRules(firesAt: (rule: RuleName, minute: number) => boolean = () => true): void {
    for (const { rule, at: time } of instantsBetween(RULES, -1, 5 * DAY * 60_000)) {
      const minute = time / 60_000;
      if (!firesAt(rule, minute)) continue;
      const { id } = only(
        service.ofType('AWS::Events::Rule').filter((one) => one.id.includes(logicalId(rule))),
        rule,
      );
      const Dimensions: MetricIdentity['Dimensions'] = [['RuleName', { Ref: id }]];
      this.recording.add({ Namespace: 'AWS/Events', MetricName: 'Invocations', Dimensions }, minute);
      this.lambda('dispatcher', 'Invocations', minute);
    }
  }

  lambda(name: FunctionName, MetricName: 'Invocations' | 'Errors' | 'Throttles', minute: number, value = 1): void {
    const Dimensions: MetricIdentity['Dimensions'] = [['FunctionName', { Ref: service.fn(name).id }]];
    this.recording.add({ Namespace: 'AWS/Lambda', MetricName, Dimensions }, minute, value);
  }

  /** A metric of our own, as a function prints it. */
  own<M extends MetricName>(metric: M, dimensions: DimensionsOf<M>, minute: number, value = 1): void {
    const named = Object.entries({ ...dimensions, [STAGE_DIMENSION]: 'dev' }).sort(([a], [b]) => a.localeCompare(b));
    const Dimensions: MetricIdentity['Dimensions'] = named.map(([name, of]) => [name, of]);
    this.recording.add({ Namespace: METRIC_NAMESPACE, MetricName: metric, Dimensions }, minute, value);
  }

  /** What the gateway counts: of the stage, and of a webhook's route apart. */
  answered(status: number, minute: number, route: 'api' | 'webhook' = 'api'): void {
    this.tell('Count', 'ApiId', minute);
    if (status < 500) return;
    this.tell('5xx', 'ApiId', minute);
    if (route === 'api') return;
    const Dimensions: MetricIdentity['Dimensions'] = ['ApiId', 'Method', 'Resource', 'Stage'].map((name) => [name, 'any']);
    this.recording.add({ Namespace: 'AWS/ApiGateway', MetricName: '5xx', Dimensions }, minute);
  }

  /** Tells of a metric of AWS that some alarm watches. @param of a part of its dimensions, by which it is the only one */
  tell(metricName: string, of: string, minute: number, value = 1): void {
    const found = alarms
      .flatMap(({ watched }) => watched)
      .filter(({ MetricName, Dimensions }) => MetricName === metricName && JSON.stringify(Dimensions).includes(of));
    const [identity] = new Map(found.map((one) => [JSON.stringify(one), one])).values();
    if (!identity) throw new Error(`No alarm watches ${metricName} of ${of}.`);
    this.recording.add(identity, minute, value);
  }

  /** Which alarms ring from one minute until another, and since when: the later, where that hangs on how far CloudWatch looks back. */
  ringing(from: number, until: number): Rung {
    const minutes = Array.from({ length: (until - from) / STEP + 1 }, (_, index) => from + index * STEP);
    const rung = alarms.flatMap(({ name, definition }) => {
      const since = LOOKS.map((further) => minutes.find((minute) => isRinging(definition, this.recording, minute, further)));
      if (since.every((minute) => minute === undefined)) return [];
      return [[name, Math.max(...since.map((minute) => minute ?? Infinity))] as const];
    });
    return Object.fromEntries(rung);
  }
}
