import { CONTROL_PREFIX, serveControl } from './control.ts';
import { issueToken } from './oauth.ts';
import { ApiProblem } from './problem.ts';
import type { Simulator } from './public-interface.ts';
import type { World } from './world.ts';

/** What a test does with a simulator it started itself: the control interface without HTTP between. */
export function steer(world: World): Pick<Simulator, 'advance' | 'token' | 'control'> {
  const control: Simulator['control'] = async (method, path, body) => {
    const { pathname, searchParams } = new URL(`http://simulator${CONTROL_PREFIX}${path}`);
    const text = body === undefined ? '' : JSON.stringify(body);
    try {
      world.tick();
      const answer = serveControl(world, { method, path: pathname, query: searchParams, body: text, header: () => undefined });
      await world.durable();
      return copied(answer.body);
    } catch (error) {
      throw error instanceof ApiProblem ? new Error(`${method} ${CONTROL_PREFIX}${path}: ${reasonOf(error)}`) : error;
    }
  };
  return {
    control,
    advance: async (by) => {
      await control('POST', '/clock/advance', by);
    },
    token: async (accountId) => {
      const account = world.sim.state.accounts.find(({ id }) => accountId === undefined || id === accountId);
      if (account === undefined)
        throw new Error(accountId === undefined ? 'There is no account.' : `There is no account ${accountId}.`);
      const token = issueToken(world.sim, account.id, 'control');
      await world.durable();
      return token;
    },
  };
}

/** What HTTP would have made of it: a caller must not hold a piece of the state itself. */
function copied(body: unknown): unknown {
  if (body === undefined) return undefined;
  const copy: unknown = JSON.parse(JSON.stringify(body));
  return copy;
}

function reasonOf({ detail, options }: ApiProblem): string {
  const fields = (options.errors ?? []).map(({ field, message }) => (field === '' ? message : `${field}: ${message}`));
  return [detail, ...fields].join(' ');
}
