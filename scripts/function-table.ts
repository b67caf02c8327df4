import { markdownTable } from '../bench/figures.ts';
import { FUNCTION_NAMES, FUNCTIONS } from '../src/contract/manifest.ts';

/** Memory and time-out of each function with the reason, for docs/architecture.md. */
export const functionTable = (): string =>
  markdownTable(
    ['function', 'memory, MB', 'time-out, s', 'why'],
    FUNCTION_NAMES.map((name) => {
      const { memoryMb, timeoutSeconds, reason } = FUNCTIONS[name];
      return [`\`${name}\``, String(memoryMb), String(timeoutSeconds), reason];
    }),
  );
