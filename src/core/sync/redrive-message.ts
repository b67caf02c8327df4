import type { SyncMessage } from './queue-messages.ts';
import { derivedUlid, runIdOf } from './sync-run.ts';

/**
 * A dead letter of the sync queue as the first message of a new run: the old one is over, and a message of a run that is
 * over is dropped. It goes on from the cursors that the old run stored. The id follows from the letter, so that a redrive
 * that is repeated makes the same run.
 * @param letter `messageId` in the sync queue; `failedAt` ms since the epoch, which places the run in the history
 */
export const redriveMessage = (message: SyncMessage, letter: { messageId: string; failedAt: number }): SyncMessage => ({
  ...message,
  runId: runIdOf(message.task, derivedUlid(letter.failedAt, 'redrive', message.runId, letter.messageId)),
  step: 0,
});
