import { ERRORS } from '../core/shared/errors.ts';
import { apiRoutes } from './openapi.ts';

const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** The page's style sheet: apart, because a browser is told to use this one and no other. */
export const DOCS_STYLE = `body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:80rem;padding:0 1rem;color:#1a1a1a}table{border-collapse:collapse;width:100%}
td,th{border-bottom:1px solid #ddd;padding:.4rem .6rem;text-align:left;vertical-align:top}code{font-size:.9em}`;

/** The API as one page without scripts, for people; `/v1/openapi.json` is for tools. */
export function buildDocsPage(): string {
  const routes = apiRoutes()
    .map(
      ({ route }) =>
        `<tr><td><code>${route.method}</code></td><td><code>${escape(route.path)}</code></td><td>${escape(route.summary)}</td><td>${route.roles?.join(', ') ?? 'no credential'}</td><td>${route.errors.map((code) => `<a href="#${code}"><code>${code}</code></a>`).join(' ')}</td></tr>`,
    )
    .join('\n');
  const errors = Object.entries(ERRORS)
    .map(
      ([code, { title, cause, fix }]) =>
        `<tr id="${code}"><td><code>${code}</code></td><td>${escape(title)}</td><td>${escape(cause)}</td><td>${escape(fix)}</td></tr>`,
    )
    .join('\n');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>ILLIXIS e-mail platform API</title>
<style>${DOCS_STYLE}</style></head>
<body><h1>ILLIXIS e-mail platform API</h1>
<p>Send <code>Authorization: Bearer ilx_…</code>. Shapes: <a href="openapi.json">openapi.json</a> (OpenAPI 3.1). Errors are problem+json (RFC 9457).</p>
<h2>Routes</h2><table><tr><th>Method</th><th>Path</th><th>What</th><th>Roles</th><th>Errors of its own</th></tr>
${routes}</table>
<h2>Errors</h2><table><tr><th>Code</th><th>What happened</th><th>Why</th><th>What to do</th></tr>
${errors}</table></body></html>`;
}
