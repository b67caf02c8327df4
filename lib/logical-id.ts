/** `api-read` → `ApiRead`: the names of the manifest, as construct ids, so that generated names are recognised in a console. */
export const logicalId = (name: string): string =>
  name
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
