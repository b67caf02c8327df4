import { openSync, readSync } from 'node:fs';
import { shiftDate } from '../../local/stack/functions/shifted-date.ts';

/** Loaded before a function of the emulator: its present is the stack's, real time plus what the file of the offset says. */
const file = process.env['CLOCK_OFFSET_FILE'];
if (file !== undefined) {
  const descriptor = openSync(file, 'r');
  const bytes = Buffer.alloc(8);
  shiftDate(() => {
    readSync(descriptor, bytes, 0, 8, 0);
    return Number(bytes.readBigInt64LE());
  });
}
