import { isAppError } from '../shared/app-error.ts';
import type { FollowupQueue } from '../sync/queue-messages.ts';
import type { ConnectionStore, TokenOwner, TokenStore } from './connection.ts';

/** The longest delay of a message: whatever was under way with the connection has ended by then. */
const TIDY_AFTER_SECONDS = 900;

/**
 * Asks for a tidying after all that is about to happen. Queued before a token is made or given up, so that no crash leaves a
 * token that nobody uses and nobody removes.
 */
export const tidyLater = (deps: { followups: FollowupQueue }, owner: TokenOwner): Promise<void> =>
  deps.followups.send({ kind: 'tidy-token', ...owner }, TIDY_AFTER_SECONDS);

/** Asks for it at once: the token is not kept as new ones are. */
export const tidyNow = (deps: { followups: FollowupQueue }, owner: TokenOwner): Promise<void> =>
  deps.followups.send({ kind: 'tidy-token', ...owner }, 0);

export interface TidyTokenDeps {
  connections: ConnectionStore;
  tokens: TokenStore;
}

/**
 * Leaves exactly one copy of the token of a connection in force, kept as tokens are kept now, and none of any other. It may
 * be repeated, and interrupted anywhere: the connection always leads to a token that is there.
 */
export async function tidyToken(deps: TidyTokenDeps, owner: TokenOwner): Promise<void> {
  const { connections, tokens } = deps;
  const connection = await connections.get(owner.tenantId, owner.platform);
  if (connection?.connectionId !== owner.connectionId) return tokens.remove(owner);
  if (connection.status === 'disconnected') {
    await tokens.remove(owner);
    if (connection.tokenRef) await connections.save({ ...connection, tokenRef: null });
    return;
  }
  const { tokenRef } = connection;
  if (!tokenRef) return;
  if (tokens.keepsAs(tokenRef)) return tokens.remove(owner, tokenRef);
  const token = await tokens.read(owner, tokenRef).catch((error: unknown) => {
    // What is gone cannot be moved; whoever needs it next finds out and marks the connection.
    if (isAppError(error, 'invalid_token')) return undefined;
    throw error;
  });
  if (token === undefined) return;
  const moved = await tokens.create(owner, token);
  // Changed meanwhile: the next read asks for another tidying.
  if (await connections.save({ ...connection, tokenRef: moved })) await tokens.remove(owner, moved);
}
