import { join } from 'node:path';
import { Duration, Validations } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function as LambdaFunction, LoggingFormat, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { FUNCTIONS, type FunctionName } from '../../src/contract/manifest.ts';
import type { Lifetime } from '../lifetime.ts';

export interface ServiceFunctionProps {
  name: FunctionName;
  /** Holds one folder per function, with its bundled `index.mjs`. */
  functionsDir: string;
  lifetime: Lifetime;
}

/** A function of the manifest: its bundle, its own role, its own log group. It may do nothing until it is bound. */
export class ServiceFunction extends Construct {
  readonly handler: LambdaFunction;

  constructor(scope: Construct, id: string, { name, functionsDir, lifetime }: ServiceFunctionProps) {
    super(scope, id);
    const spec = FUNCTIONS[name];
    const logGroup = new LogGroup(this, 'Logs', { retention: lifetime.logRetention, removalPolicy: lifetime.removalPolicy });
    // A role of our own: the one the CDK makes carries a managed policy that may write to every log group.
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);
    this.handler = new LambdaFunction(this, 'Handler', {
      description: `${name}: ${spec.reason}`,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      // With its source map, so that a frame in a log names the file and line that somebody wrote (ADR 18 has the price).
      code: Code.fromAsset(join(functionsDir, name)),
      environment: { NODE_OPTIONS: '--enable-source-maps' },
      handler: 'index.handler',
      memorySize: spec.memoryMb,
      timeout: Duration.seconds(spec.timeoutSeconds),
      role,
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      tracing: Tracing.ACTIVE,
    });
    Validations.of(this).acknowledge(
      {
        id: 'AwsSolutions-IAM5[Resource::*]',
        reason: 'xray:PutTraceSegments and xray:PutTelemetryRecords know no resources; nothing else is allowed on *.',
      },
      {
        id: 'Serverless-LambdaDLQ',
        reason:
          'Callers of the API hear of a failure themselves, messages go to the dead letters of their queue, and the dispatcher has an on-failure destination, which replaces this older setting.',
      },
    );
  }
}
