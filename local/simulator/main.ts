import { startSimulator } from './simulator.ts';

/** `npm run simulator`: the simulator alone, with what a person needs to know about it. */
async function main(): Promise<void> {
  const port = Number(process.env['SIMULATOR_PORT'] ?? 4010);
  const stateDir = process.env['SIMULATOR_STATE_DIR'];
  const autoApprove = process.env['SIMULATOR_AUTO_APPROVE'] === '1';
  const simulator = await startSimulator({
    port,
    ...(autoApprove ? { autoApprove } : {}),
    ...(stateDir === undefined || stateDir === '' ? {} : { stateDir }),
    log: (line) => console.log(line),
  });
  console.log(`Mailchimp simulator on ${simulator.url}
  login  ${simulator.url}/oauth2/authorize, /oauth2/token, /oauth2/metadata${autoApprove ? ' (consents by itself)' : ''}
  API    ${simulator.url}/3.0  (a token: curl -X POST ${simulator.url}/_control/accounts/<id>/tokens)
  control ${simulator.url}/_control
Stop it with Ctrl+C.`);
  const stop = (): void => {
    void simulator.close().then(() => process.exit(0));
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
