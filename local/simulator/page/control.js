/** Calls the control interface. */

/** Something the simulator refused, or could not be asked; the message is for people. */
export class Refusal extends Error {
  constructor(message, status = 0) {
    super(message);
    this.name = 'Refusal';
    this.status = status;
  }
}

async function call(method, path, body) {
  let response;
  let answer;
  try {
    response = await window.fetch(`/_control${path}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    answer = response.status === 204 ? null : await response.json();
  } catch {
    throw new Refusal('The simulator does not answer. Is it still running?');
  }
  if (!response.ok) throw new Refusal(wordsOf(answer, response.status), response.status);
  return answer;
}

/** A problem document in one sentence; the fields it complains of say more than its general words. */
function wordsOf(problem, status) {
  const errors = Array.isArray(problem?.errors) ? problem.errors : [];
  if (errors.length > 0) return errors.map(({ field, message }) => (field ? `${field}: ${message}` : message)).join(' ');
  return problem?.detail || problem?.title || `The simulator answered ${status}.`;
}

const query = (params) => new window.URLSearchParams(Object.entries(params).filter(([, value]) => value !== '')).toString();

export const control = {
  get: (path, params = {}) => call('GET', `${path}?${query(params)}`),
  post: (path, body = {}) => call('POST', path, body),
  patch: (path, body) => call('PATCH', path, body),
  delete: (path) => call('DELETE', path),
};
