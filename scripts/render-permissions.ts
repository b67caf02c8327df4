import { readFileSync, writeFileSync } from 'node:fs';
import { withFigures, type Figures } from '../bench/figures.ts';
import { functionTable } from './function-table.ts';
import { permissionTables } from './permission-tables.ts';
import { synthesizeTemplates } from './synthesize-templates.ts';

/** Writes who may do what into docs/security.md, and the functions into docs/architecture.md, as the stacks are now. */
function write(file: string, figures: Figures): void {
  writeFileSync(file, withFigures(readFileSync(file, 'utf8'), figures));
}

write('docs/security.md', permissionTables(synthesizeTemplates()));
write('docs/architecture.md', { functions: functionTable() });
