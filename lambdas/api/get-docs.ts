import { buildDocsPage } from '../../src/contract/docs-page.ts';
import { handlePublic } from '../shared/route-handler.ts';

const CSP = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

export const docs = handlePublic(() =>
  Promise.resolve({ status: 200, body: buildDocsPage(), contentType: 'text/html', headers: { 'content-security-policy': CSP } }),
);
