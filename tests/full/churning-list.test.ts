import { churningListSuite } from '../support/churning-list-suite.ts';

/** The same as in the quick tests, over more lists. */
churningListSuite(2_000, 1_000);
