import { RemovalPolicy } from 'aws-cdk-lib';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';

/** How long what a stage holds outlives its stacks. */
export interface Lifetime {
  /** Whether `cdk destroy` may take the data with it. */
  disposable: boolean;
  removalPolicy: RemovalPolicy;
  logRetention: RetentionDays;
}

const DISPOSABLE_STAGES = /^(dev|test)(-|$)/;

/** Only a stage whose name says so is disposable: a live stage may be called anything, and must not lose data for it. */
export function lifetimeOf(stage: string): Lifetime {
  return DISPOSABLE_STAGES.test(stage)
    ? { disposable: true, removalPolicy: RemovalPolicy.DESTROY, logRetention: RetentionDays.TWO_WEEKS }
    : { disposable: false, removalPolicy: RemovalPolicy.RETAIN, logRetention: RetentionDays.THREE_MONTHS };
}
