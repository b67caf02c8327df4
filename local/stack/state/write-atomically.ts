import { renameSync, writeFileSync } from 'node:fs';

/** Writes beside the file and renames, so that a reader or a crash sees the old text or the new one, never half of it. */
export function writeAtomically(file: string, text: string, mode = 0o600): void {
  const beside = `${file}.${process.pid}.tmp`;
  writeFileSync(beside, text, { mode });
  renameSync(beside, file);
}
