/**
 * The folders of the packages that bundled files come from, each once; a package within a package is the inner one.
 * @param isOwn whether a file that belongs to no package is the project's own to ship
 * @throws Error when a file is neither a package's nor the project's own: it would be shipped without a licence
 */
export function bundledPackages(inputs: readonly string[], isOwn: (path: string) => boolean): string[] {
  const folders = inputs.flatMap((path) => {
    const [folder] = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path) ?? [];
    if (folder === undefined && !isOwn(path)) throw new Error(`Nobody licenses ${path}`);
    return folder ?? [];
  });
  return [...new Set(folders)].toSorted();
}
