import type * as z from 'zod';
import { ApiProblem, invalidResource, type FieldError } from './problem.ts';

/** A JSON body as an object, or the vendor's answer to anything else. */
export function parseJson(text: string): unknown {
  if (text === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    throw new ApiProblem(400, 'JSON Parse Exception', 'We encountered an unspecified JSON parsing error.');
  }
}

/**
 * Reads a request body by its schema.
 * @throws ApiProblem 400 `Invalid Resource` that names the fields in the vendor's words
 */
export function readBody<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw invalidResource(fieldErrors(result.error.issues, body));
}

function fieldErrors(issues: readonly z.core.$ZodIssue[], body: unknown): FieldError[] {
  const missing = new Map<string, string[]>();
  const others: FieldError[] = [];
  for (const issue of issues) {
    const found = typeAt(body, issue.path);
    const name = issue.path.map(String).join('.');
    if (found === 'nothing' && issue.path.length > 0) {
      const parent = issue.path.slice(0, -1).map(String).join('.');
      missing.set(parent, [...(missing.get(parent) ?? []), String(issue.path.at(-1))]);
    } else if (issue.code === 'invalid_type') {
      others.push({ field: name, message: `Schema describes ${issue.expected}, ${found} found instead` });
    } else {
      others.push({ field: name, message: issue.message });
    }
  }
  const required = [...missing].map(([field, names]) => ({
    field,
    message: `Required fields were not provided: ${names.join(', ')}`,
  }));
  return [...required, ...others];
}

function typeAt(body: unknown, path: readonly PropertyKey[]): string {
  let value: unknown = body;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return 'nothing';
    value = Reflect.get(value, key);
  }
  if (value === undefined) return 'nothing';
  if (value === null) return 'NULL';
  return Array.isArray(value) ? 'array' : typeof value;
}

/** A flag in a query: anything but `true` and `1` is false. */
export const queryFlag = (query: URLSearchParams, name: string): boolean => /^(true|1)$/i.test(query.get(name) ?? '');

/** One of the allowed values of a query parameter, or undefined when it is absent. */
export function queryChoice<const T extends string>(query: URLSearchParams, name: string, choices: readonly T[]): T | undefined {
  const given = query.get(name);
  if (given === null || given === '') return undefined;
  const choice = choices.find((known) => known.toLowerCase() === given.toLowerCase());
  if (choice === undefined) {
    throw invalidResource([{ field: name, message: `Value must be one of: ${choices.join(', ')}` }]);
  }
  return choice;
}

/** Whether rows are wanted in descending order. */
export const descending = (query: URLSearchParams, fallback: 'ASC' | 'DESC'): boolean =>
  (queryChoice(query, 'sort_dir', ['ASC', 'DESC']) ?? fallback) === 'DESC';
