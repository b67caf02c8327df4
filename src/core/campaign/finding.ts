import type { AppError } from '../shared/app-error.ts';

/** One fact that pre-flight states. Errors stop a send; warnings do not. */
export interface Finding {
  level: 'error' | 'warning' | 'ok';
  code: string;
  /** The part of the campaign or the line of its content. */
  where: string;
  message: string;
  fix: string | null;
}

/** What one check found; `error` is what a send is refused with. */
export interface Found {
  findings: Finding[];
  error: AppError | null;
}

export const found = (...findings: Finding[]): Found => ({ findings, error: null });

export const warning = (code: string, where: string, message: string, fix: string | null): Finding => ({
  level: 'warning',
  code,
  where,
  message,
  fix,
});

/** An error as the finding that says the same. */
export const foundError = (where: string, error: AppError): Found => ({
  findings: [{ level: 'error', code: error.code, where, message: error.reason, fix: error.fix }],
  error,
});
