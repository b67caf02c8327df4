import { openApiV3 } from './open-api-v3.ts';
import { describeVendorClient } from './vendor-client-suite.ts';

describeVendorClient('mailchimp-api-v3', openApiV3);
