import { createServer } from 'node:http';
import { listenOnLoopback } from '../../local/stack/http/local-server.ts';

/** A port of the loopback interface that is free at this moment. */
export async function freePort(): Promise<number> {
  const { port, close } = await listenOnLoopback(createServer());
  await close();
  return port;
}
