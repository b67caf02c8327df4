import { setMaxListeners } from 'node:events';
import type { Server } from 'node:http';
import { Slots } from './authentication.ts';
import { Calls } from './calls.ts';
import { shiftedClock } from './clock.ts';
import { Deliverer } from './deliveries.ts';
import { Faults } from './faults.ts';
import { listen } from './listen.ts';
import type { Simulator, SimulatorOptions } from './public-interface.ts';
import { seedWorld } from './seed.ts';
import { advanceCampaigns } from './sending.ts';
import { makeServer } from './server.ts';
import { emptyState, type Simulation } from './state.ts';
import { steer } from './steer.ts';
import { Store } from './store.ts';
import type { World } from './world.ts';

export { PortInUseError } from './listen.ts';

const POLL_MS = 200;

/** Calls that are kept waiting end with the simulator, and there may be as many of them as clients like. */
const ANY_NUMBER = 0;

/**
 * Starts an offline Mailchimp: login host, API and control interface on one port.
 * @throws PortInUseError when the port is taken
 */
export async function start(options: SimulatorOptions = {}): Promise<Simulator> {
  const { host = '127.0.0.1', log = () => undefined } = options;
  const store = new Store(options.stateDir);
  const ending = new AbortController();
  setMaxListeners(ANY_NUMBER, ending.signal);
  const world = makeWorld(options, store, ending.signal, log);
  const server = makeServer(world);
  const port = await listen(server, options.port ?? 0, host);
  const timer = setInterval(() => {
    try {
      world.tick();
      world.deliverer.pump();
    } catch (error) {
      log(`the world stood still: ${String(error)}`);
    }
    world.durable().catch((error: unknown) => log(`could not write the state: ${String(error)}`));
  }, POLL_MS);
  timer.unref();
  const close = async (): Promise<void> => {
    clearInterval(timer);
    world.deliverer.stop();
    ending.abort();
    await closeServer(server);
    await world.durable();
  };
  return { url: `http://${reachable(host)}:${port}`, port, ...steer(world), close };
}

/** The host for a URL: whoever listens everywhere is found on this machine, and version 6 wants brackets. */
function reachable(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

function makeWorld(options: SimulatorOptions, store: Store, ending: AbortSignal, log: (line: string) => void): World {
  const loaded = store.load();
  const own = shiftedClock(() => sim.state.clockOffsetMs);
  const clock = options.clock ?? own;
  let waking = false;
  const sim: Simulation = {
    state: loaded ?? emptyState(options.seed ?? 'harbor-lane'),
    now: () => clock.now(),
    changed: () => store.markDirty(),
    version: () => store.version(),
    wake: () => {
      if (waking) return;
      waking = true;
      setImmediate(() => void announce());
    },
  };
  const deliverer = new Deliverer(sim);
  const durable = (): Promise<void> => store.flush(() => sim.state);
  /** What hooks are told must not be forgotten by a crash, so it is written first. */
  const announce = async (): Promise<void> => {
    waking = false;
    await durable().catch((error: unknown) => log(`could not write the state: ${String(error)}`));
    deliverer.pump();
  };
  const world: World = {
    sim,
    faults: new Faults(),
    calls: new Calls(),
    slots: new Slots(),
    deliverer,
    advanceClock:
      options.clock !== undefined
        ? undefined
        : (ms) => {
            sim.state.clockOffsetMs += ms;
            sim.changed();
          },
    reset: ({ seed = sim.state.seed, empty = options.empty ?? false }) => {
      sim.state = { ...emptyState(seed), clockOffsetMs: sim.state.clockOffsetMs };
      world.faults.clear();
      world.calls.clear();
      world.deliverer.forget();
      prepare(sim, options, empty);
    },
    tick: () => {
      advanceCampaigns(sim);
      if (sim.state.deliveries.length > 0) sim.wake();
    },
    durable,
    sleep: (ms) => sleep(ms, ending),
    log,
    observe: options.observe,
  };
  if (loaded === undefined) prepare(sim, options, options.empty ?? false);
  else applyOptions(sim, options);
  return world;
}

function prepare(sim: Simulation, options: SimulatorOptions, empty: boolean): void {
  applyOptions(sim, options);
  if (!empty) seedWorld(sim);
  sim.changed();
}

function applyOptions(sim: Simulation, options: SimulatorOptions): void {
  if (options.autoApprove !== undefined) sim.state.settings.consent = options.autoApprove ? 'approve' : 'ask';
  for (const app of options.apps ?? []) {
    const others = sim.state.apps.filter((known) => known.clientId !== app.clientId);
    sim.state.apps = [...others, { ...app, redirectUris: [...app.redirectUris] }];
  }
}

function sleep(ms: number, ending: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      ending.removeEventListener('abort', done);
      resolve();
    }
    if (ending.aborted) done();
    else ending.addEventListener('abort', done);
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
