import type { Ask } from './ask.ts';
import { bad, notChecked, ok, type Check } from './check.ts';

/** Whether the sign-in pages of the user pool are there. @param signInUrl the output of that name; `undefined` without pages */
export const checkSignIn = (ask: Ask, signInUrl: string | undefined): Check => ({
  name: 'sign-in pages',
  rights: [],
  async look() {
    if (signInUrl === undefined) return notChecked('The deployment has none of its own.');
    const answer = await ask(`${signInUrl}/login`).catch(() => undefined);
    return answer && answer.status < 500
      ? ok('The sign-in pages answer.')
      : bad(
          'The sign-in pages do not answer.',
          'Their name takes a minute after the first deployment; later see Cognito, "Domain".',
        );
  },
});
