import { buildDocsPage, DOCS_STYLE } from '../../src/contract/docs-page.ts';
import { handlePublic } from '../shared/route-handler.ts';
import { pageHeaders } from '../shared/security-headers.ts';

export const docs = handlePublic(() =>
  Promise.resolve({ status: 200, body: buildDocsPage(), contentType: 'text/html', headers: pageHeaders(DOCS_STYLE) }),
);
