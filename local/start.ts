import { STACK_PARTS } from './stack-parts.ts';
import { HELP, readSettings } from './stack/read-settings.ts';
import { StackError } from './stack/stack-error.ts';
import { startStack, type Stack } from './stack/start-stack.ts';

/** An end that takes longer than this is cut short; everything that matters is on disk already. */
const LONGEST_END_MS = 1_400;

async function main(): Promise<void> {
  const args = process.argv.slice(2);
  if (args.includes('--help')) {
    console.log(HELP);
    return;
  }
  const settings = readSettings(args, process.env);
  const starting = startStack({ ...settings, ...STACK_PARTS });
  stopOnSignal(starting);
  const { info } = await starting;
  console.log(`
  Page       ${info.pageUrl}
  API        ${info.apiUrl}/v1
  API key    ${info.apiKey}
  Mailchimp  ${info.simulatorUrl === null ? settings.mailchimpLoginUrl : `${info.simulatorUrl} (simulated)`}
  Data       ${settings.stateDir}

  Stop with Ctrl+C. Begin anew with npm start -- --reset.
`);
}

function stopOnSignal(starting: Promise<Stack>): void {
  const stop = (): void => {
    setTimeout(() => process.exit(0), LONGEST_END_MS).unref();
    // A request that is still under way may find its database closed, which is no news any more.
    process.on('uncaughtException', () => process.exit(0));
    void starting.then((stack) => stack.close()).finally(() => process.exit(0));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, stop);
}

main().catch((error: unknown) => {
  console.error(error instanceof StackError ? error.message : error);
  process.exit(1);
});
