import { openTableInMemory } from '../support/open-table.ts';
import { describeStorage } from './storage-suite.ts';

describeStorage('dynalite', openTableInMemory);
