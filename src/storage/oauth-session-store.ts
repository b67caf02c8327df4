import { oauthSessionSchema, type OAuthSessionStore } from '../core/connection/oauth-session.ts';
import { toEpochSeconds } from '../core/shared/clock.ts';
import { keys } from './keys.ts';
import { IF_NEW } from './condition.ts';
import { type Table } from './table.ts';

export const makeOAuthSessionStore = (table: Table): OAuthSessionStore => ({
  async begin(session) {
    await table.put(
      { ...keys.oauthState(session.stateHash), ...session, expiresAt: toEpochSeconds(session.expiresAtMs) },
      IF_NEW,
    );
  },
  async consumeState(stateHash, platform, now) {
    const item = await table.update(
      keys.oauthState(stateHash),
      'SET phase = :exchanging',
      { ':exchanging': 'exchanging', ':begun': 'begun', ':now': now, ':platform': platform },
      { '#platform': 'platform' },
      'phase = :begun AND expiresAtMs > :now AND #platform = :platform',
    );
    return item && oauthSessionSchema.parse(item);
  },
  async authorize(stateHash, ticketHash, sealedToken) {
    await table.update(
      keys.oauthState(stateHash),
      'SET phase = :authorized, ticketHash = :ticket, sealedToken = :sealed',
      { ':authorized': 'authorized', ':ticket': ticketHash, ':sealed': sealedToken, ':exchanging': 'exchanging' },
      {},
      'phase = :exchanging',
    );
  },
  async take({ stateHash, ticketHash, tenantId, platform, now }) {
    const item = await table.take(keys.oauthState(stateHash), {
      ConditionExpression:
        'phase = :authorized AND ticketHash = :ticket AND tenantId = :tenant AND #platform = :platform AND expiresAtMs > :now',
      ExpressionAttributeNames: { '#platform': 'platform' },
      ExpressionAttributeValues: {
        ':authorized': 'authorized',
        ':ticket': ticketHash,
        ':tenant': tenantId,
        ':platform': platform,
        ':now': now,
      },
    });
    return item && oauthSessionSchema.parse(item);
  },
});
