import type { Settings } from './settings.ts';

const DOCS = 'https://mailchimp.com/developer/marketing/docs/errors/';

export interface FieldError {
  readonly field: string;
  readonly message: string;
}

interface ProblemOptions {
  readonly errors?: readonly FieldError[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether this is one of the answers that the vendor gives without `type`. */
  readonly untyped?: boolean;
}

/** An answer of the API that is an error; thrown by handlers, written by the server. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly options: ProblemOptions;

  constructor(status: number, title: string, detail: string, options: ProblemOptions = {}) {
    super(`${status} ${title}: ${detail}`);
    this.status = status;
    this.title = title;
    this.detail = detail;
    this.options = options;
  }

  /** The same error with more headers. */
  withHeaders(headers: Readonly<Record<string, string>>): ApiProblem {
    const { status, title, detail, options } = this;
    return new ApiProblem(status, title, detail, { ...options, headers: { ...options.headers, ...headers } });
  }

  /** The body; `instance` names the answer it belongs to. */
  body(instance: string, settings: Pick<Settings, 'omitErrorType' | 'untypedMemberErrors'>): Record<string, unknown> {
    const { errors, untyped = false } = this.options;
    const omitType = settings.omitErrorType || (untyped && settings.untypedMemberErrors);
    return {
      ...(omitType ? {} : { type: DOCS }),
      title: this.title,
      status: this.status,
      detail: this.detail,
      instance,
      ...(errors === undefined ? {} : { errors }),
    };
  }
}

export const badRequest = (detail: string): ApiProblem => new ApiProblem(400, 'Bad Request', detail);

export const invalidResource = (errors: readonly FieldError[], detail?: string): ApiProblem =>
  new ApiProblem(
    400,
    'Invalid Resource',
    detail ?? "The resource submitted could not be validated. For field-specific details, see the 'errors' array.",
    errors.length === 0 ? {} : { errors },
  );

export const notFound = (): ApiProblem => new ApiProblem(404, 'Resource Not Found', 'The requested resource could not be found.');

export const notAllowed = (detail: string, allow?: string): ApiProblem =>
  new ApiProblem(405, 'Method Not Allowed', detail, allow === undefined ? {} : { headers: { Allow: allow } });

export const keyInvalid = (): ApiProblem =>
  new ApiProblem(401, 'API Key Invalid', "Your API key may be invalid, or you've attempted to access the wrong datacenter.");

export const forbidden = (): ApiProblem =>
  new ApiProblem(403, 'User action not permitted', 'User does not have access to the requested operation');

export const tooManyRequests = (limit: number): ApiProblem =>
  new ApiProblem(429, 'Too Many Requests', `You have exceeded the limit of ${limit} simultaneous connections.`);

/** The errors a client can ask for with the header `X-Trigger-Error`. See https://mailchimp.com/developer/marketing/docs/errors/ */
const TRIGGERS: Readonly<Record<string, () => ApiProblem>> = {
  BadRequest: () => badRequest('Your request could not be processed.'),
  InvalidAction: () => new ApiProblem(400, 'Invalid Action', 'The action requested was not valid for this resource.'),
  InvalidResource: () => invalidResource([]),
  JSONParseError: () => new ApiProblem(400, 'JSON Parse Exception', 'We encountered an unspecified JSON parsing error.'),
  APIKeyMissing: () => new ApiProblem(401, 'API Key Missing', 'Your request did not include an API key.'),
  APIKeyInvalid: keyInvalid,
  Forbidden: () => new ApiProblem(403, 'Forbidden', 'You are not permitted to access this resource.'),
  UserDisabled: () => new ApiProblem(403, 'User Disabled', 'This account has been deactivated.'),
  WrongDatacenter: () => new ApiProblem(403, 'Wrong Datacenter', 'The API key provided is linked to a different datacenter'),
  ResourceNotFound: notFound,
  MethodNotAllowed: () =>
    notAllowed('The requested method and resource are not compatible. See the Allow header for this resource.'),
  ResourceNestingTooDeep: () =>
    new ApiProblem(414, 'Resource Nesting Too Deep', 'The sub-resource requested is nested too deeply.'),
  InvalidMethodOverride: () =>
    new ApiProblem(422, 'Invalid Method Override', 'You can only use the X-HTTP-Method-Override header with the POST method.'),
  RequestedFieldsInvalid: () =>
    new ApiProblem(422, 'Requested Fields Invalid', 'The fields requested from this resource are invalid.'),
  TooManyRequests: () => tooManyRequests(10),
  InternalServerError: () => new ApiProblem(500, 'Internal Server Error', 'An unexpected internal error has occurred.'),
  ComplianceRelated: () => new ApiProblem(503, 'Compliance Related', 'This method has been disabled.'),
};

/** The rehearsed error of that name, if there is one. */
export const triggeredProblem = (name: string): ApiProblem | undefined =>
  Object.hasOwn(TRIGGERS, name) ? TRIGGERS[name]?.() : undefined;

/** The same, for names that are known to exist. */
export function problemNamed(name: string): ApiProblem {
  const problem = triggeredProblem(name);
  if (problem === undefined) throw new Error(`No error is called ${name}`);
  return problem;
}
