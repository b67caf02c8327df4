import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stateRecord, type State } from './state.ts';

/** Keeps the state on disk as one snapshot, replaced as a whole: a crash leaves the old one or the new one. */
export class Store {
  readonly #file: string | undefined;
  #version = 0;
  #written = 0;
  #writing: Promise<void> | undefined;

  constructor(folder: string | undefined) {
    if (folder !== undefined) mkdirSync(folder, { recursive: true });
    this.#file = folder === undefined ? undefined : join(folder, 'simulator.json');
  }

  /**
   * The state of the last run, if there is one.
   * @throws Error of one line when the file is not what this version writes
   */
  load(): State | undefined {
    if (this.#file === undefined || !existsSync(this.#file)) return undefined;
    try {
      return stateRecord.parse(JSON.parse(readFileSync(this.#file, 'utf8')));
    } catch (cause) {
      throw new Error(`The state in ${this.#file} cannot be read by this version: move it away to begin anew.`, { cause });
    }
  }

  version(): number {
    return this.#version;
  }

  markDirty(): void {
    this.#version += 1;
  }

  /** Resolves when everything changed so far is on disk. Changes made while a write runs share the next one. */
  async flush(state: () => State): Promise<void> {
    if (this.#file === undefined) return;
    const wanted = this.#version;
    while (this.#written < wanted) {
      this.#writing ??= this.#write(this.#file, state).finally(() => {
        this.#writing = undefined;
      });
      await this.#writing;
    }
  }

  async #write(file: string, state: () => State): Promise<void> {
    // One turn of the event loop gathers the changes of calls that came together.
    await new Promise(setImmediate);
    const version = this.#version;
    await writeFile(`${file}.new`, JSON.stringify(state()), { mode: 0o600 });
    await rename(`${file}.new`, file);
    this.#written = version;
  }
}
