import { el, terms } from './page-dom.js';
import { time, words } from './page-format.js';
import { Problem } from './page-api.js';

/** An error in plain words: what happened, why, what to do, and what the vendor said. */
export function problemView(problem) {
  const { title, code, cause, fix, errors, vendor, instance } = problem;
  return el(
    'div',
    { class: 'problem' },
    el('p', { class: 'problem-title' }, title ?? words(code)),
    cause ? el('p', {}, cause) : null,
    fix ? el('p', {}, el('strong', {}, 'What to do: '), fix) : null,
    errors?.length > 0
      ? el(
          'ul',
          {},
          errors.map(({ field, message }) => el('li', {}, el('code', {}, field), ` ${message}`)),
        )
      : null,
    vendor ? vendorView(vendor) : null,
    instance ? el('p', { class: 'hint' }, `Reference: ${instance.replace('urn:request:', '')}`) : null,
  );
}

const vendorView = (vendor) =>
  el(
    'details',
    { open: true },
    el('summary', {}, 'What Mailchimp said'),
    terms([
      ['Answer', [vendor.status, vendor.title].filter(Boolean).join(' ') || null],
      ['Detail', vendor.detail],
      ['Request', vendor.requestId ?? vendor.instance],
      ['At', vendor.at ? time(vendor.at) : null],
    ]),
  );

/** Shows a failed call in `place`; an error of this page itself is shown too, and goes on to the console. */
export function showProblem(place, error) {
  if (error instanceof Problem) {
    place.replaceChildren(problemView(error.problem));
    return;
  }
  const fix = 'Reload the page and try again.';
  place.replaceChildren(problemView({ title: 'This page made a mistake', cause: String(error?.message ?? error), fix }));
  window.reportError(error);
}

/** Runs `work`; a failure is shown in `place`, which is emptied first. @returns whether it went well */
export async function guarded(place, work) {
  place.replaceChildren();
  try {
    await work();
    return true;
  } catch (error) {
    showProblem(place, error);
    return false;
  }
}
