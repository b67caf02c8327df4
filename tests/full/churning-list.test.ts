import { churningListSuite } from '../support/churning-list-suite.ts';

/** The same as in the quick tests, over more lists. */
churningListSuite(1_500, 200);
