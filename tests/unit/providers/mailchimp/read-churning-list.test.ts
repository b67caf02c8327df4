import { churningListSuite } from '../../../support/churning-list-suite.ts';

churningListSuite(200, 30);
