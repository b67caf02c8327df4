import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { AppError } from '../../../src/core/shared/app-error.ts';
import { openApi } from '../../support/open-api.ts';

describe('a request that meets', () => {
  let printed = '';
  beforeEach(() => {
    printed = '';
    process.env['AWS_EXECUTION_ENV'] = 'AWS_Lambda_nodejs24.x';
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
      printed += String(text);
      return true;
    });
  });
  afterEach(() => {
    delete process.env['AWS_EXECUTION_ENV'];
    jest.restoreAllMocks();
  });
  const lines = (): unknown[] =>
    printed
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line));

  it.each<[string, Error, Record<string, unknown>]>([
    ['a bug', new TypeError('mona@harborlane.test is not a function'), { fault: 'TypeError' }],
    [
      'something that we know to be our fault',
      new AppError('internal_error', 'A part of the content is missing.'),
      { code: 'internal_error' },
    ],
  ])('%s is counted, because Lambda sees an answer and no error', async (_, error, told) => {
    const api = openApi();
    const answer = await api.answer('getSettings', { apiKey: api.keyOf['owner'] ?? '' }, { act: () => Promise.reject(error) });
    expect(answer.status).toBe(500);
    expect(lines()).toContainEqual(expect.objectContaining({ InternalErrors: 1 }));
    expect(lines()).toContainEqual(
      expect.objectContaining({ level: 'error', event: 'http.answered', status: 500, where: expect.any(String), ...told }),
    );
    expect(printed).not.toContain('mona');
  });

  it.each([
    ['a refusal', new AppError('forbidden', 'No.')],
    ['a store that is away', new AppError('service_unavailable', 'A store did not answer.')],
    ['a vendor that is away', new AppError('vendor_unavailable', 'Mailchimp did not answer.')],
  ])('%s is not', async (_, error) => {
    const api = openApi();
    await api.answer('getSettings', { apiKey: api.keyOf['owner'] ?? '' }, { act: () => Promise.reject(error) });
    expect(printed).toContain('"level":"info","event":"http.answered"');
    expect(printed).not.toContain('InternalErrors');
  });
});
