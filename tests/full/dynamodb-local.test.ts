import { it } from '@jest/globals';
import { describeStorage } from '../storage/storage-suite.ts';
import { openTable } from '../support/open-table.ts';

const endpoint = process.env['DYNAMODB_LOCAL_ENDPOINT'];

if (endpoint) describeStorage('DynamoDB Local', () => openTable(endpoint));
else it.skip('the stores on DynamoDB Local: DYNAMODB_LOCAL_ENDPOINT is not set', () => undefined);
