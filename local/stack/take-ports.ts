import { checkPort } from './http/check-port.ts';
import type { LocalServer } from './http/local-server.ts';
import type { StackClock } from './clock/stack-clock.ts';
import { needsSimulator } from './mailchimp-urls.ts';
import { StackError } from './stack-error.ts';
import type { StackOptions } from './stack-options.ts';

const isPortInUse = (error: unknown): boolean => error instanceof Error && error.name === 'PortInUseError';

async function explained<T>(variable: string, port: number, start: () => Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (error) {
    if (!isPortInUse(error)) throw error;
    throw new StackError(
      `Port ${port} is in use: stop the other program, or choose another with ${variable}=${port + 1} npm start.`,
    );
  }
}

/** @throws StackError when the port is taken. */
export const takeApiPort = <T>(port: number, start: () => Promise<T>): Promise<T> => explained('PORT', port, start);

/** @throws StackError when a simulator is wanted and its port is taken. */
export async function checkSimulatorPort(options: StackOptions): Promise<void> {
  if (needsSimulator(options)) await explained('SIMULATOR_PORT', options.simulatorPort, () => checkPort(options.simulatorPort));
}

/** Starts the simulator if this stack needs one, on the stack's clock. */
export async function startStackSimulator(
  options: StackOptions,
  stateDir: string,
  clock: StackClock,
): Promise<LocalServer | undefined> {
  if (!needsSimulator(options)) return undefined;
  return explained('SIMULATOR_PORT', options.simulatorPort, () =>
    options.startSimulator({
      port: options.simulatorPort,
      stateDir,
      clock: { now: () => clock.now() },
      autoApprove: options.autoApprove,
    }),
  );
}
