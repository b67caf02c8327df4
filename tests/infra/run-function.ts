import { jest } from '@jest/globals';
import type { FunctionName } from '../../src/contract/manifest.ts';
import type { WatchedStage } from './watched-stage.ts';

/**
 * Runs a real handler as Lambda does: what it prints of metrics is heard by CloudWatch, and an error is counted where it throws.
 * @returns what it answered; nothing where it threw
 */
export async function runFunction<R>(
  stage: WatchedStage,
  name: FunctionName,
  minute: number,
  run: () => Promise<R>,
): Promise<R | undefined> {
  let printed = '';
  const write = jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
  process.env['AWS_EXECUTION_ENV'] = 'AWS_Lambda_nodejs24.x';
  process.env['STAGE'] = 'dev';
  stage.lambda(name, 'Invocations', minute);
  try {
    return await run();
  } catch {
    stage.lambda(name, 'Errors', minute);
    return undefined;
  } finally {
    delete process.env['AWS_EXECUTION_ENV'];
    write.mockRestore();
    stage.recording.addPrinted(printed, minute);
  }
}
