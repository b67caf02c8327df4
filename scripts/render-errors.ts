import { ERROR_CODES, ERRORS } from '../src/core/shared/errors.ts';
import { HTTP_STATUS } from '../src/runtime/http-status.ts';

/** `docs/errors.md`, from the closed list of codes. */
export function renderErrors(): string {
  const rows = ERROR_CODES.map(
    (code) => `| \`${code}\` | ${HTTP_STATUS[code]} | ${ERRORS[code].title} | ${ERRORS[code].cause} | ${ERRORS[code].fix} |`,
  );
  return `# Errors

Every refusal is problem+json (RFC 9457) with \`code\`, \`cause\` and \`fix\`; \`errors\` names the fields of bad input,
a refusal by the pre-flight of a send is 422 also where
the table says 404, and \`POST /v1/campaigns\` with a draft that exists answers 201 with the error on the campaign; \`vendor\` holds the words of Mailchimp and its request id. The codes are a closed list; this table is printed from it by
\`npm run docs:errors\`, and a test keeps the two equal.

| code | HTTP status | what happened | cause | fix |
|---|---|---|---|---|
${rows.join('\n')}
`;
}

if (process.argv[1]?.endsWith('render-errors.ts')) process.stdout.write(renderErrors());
