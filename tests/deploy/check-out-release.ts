import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

/** The repository may belong to somebody else than who runs the test, as in a container. */
const git = (project: string, ...args: readonly string[]) =>
  spawnSync('git', ['-c', 'safe.directory=*', ...args], { cwd: project, encoding: 'buffer', maxBuffer: 512 * 1024 * 1024 });

/** Whether the history of a checkout reaches back to a commit: neither a shallow clone nor an archive does. */
export const hasCommit = (project: string, commit: string): boolean =>
  git(project, 'cat-file', '-e', `${commit}^{commit}`).status === 0;

/** Puts the files of a commit into a folder, with the packages of `project` beside them. */
export function checkOutRelease(project: string, commit: string, folder: string): void {
  mkdirSync(folder);
  const archive = git(project, 'archive', '--format=tar', commit);
  const unpacked = spawnSync('tar', ['-x', '-C', folder], { input: archive.stdout });
  if (archive.status !== 0 || unpacked.status !== 0)
    throw new Error(`The release ${commit} cannot be unpacked: ${archive.stderr.toString()}${unpacked.stderr.toString()}`);
  symlinkSync(join(project, 'node_modules'), join(folder, 'node_modules'));
}
