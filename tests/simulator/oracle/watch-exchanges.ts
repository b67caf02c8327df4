import type { Exchange } from '../../../local/simulator/public-interface.ts';
import { checkExchange, type Documents, type Finding } from './check-exchange.ts';
import { exceptionOf } from './exceptions.ts';
import { openSwagger } from './swagger-document.ts';
import { openVendorTypes } from './vendor-types.ts';

let documents: Promise<Documents> | undefined;

/** The vendor's documents, read once per test file. */
export function openDocuments(): Promise<Documents> {
  documents ??= openVendorTypes().then((types) => ({ types, swagger: openSwagger() }));
  return documents;
}

/** Checks exchanges as they happen and remembers what was wrong, each thing once. */
export class ExchangeWatch {
  readonly #documents: Documents;
  readonly #found = new Map<string, Finding>();
  readonly #excused = new Set<string>();
  readonly #answered = new Set<string>();

  constructor(given: Documents) {
    this.#documents = given;
  }

  /** @param requests `accepted` passes over what was asked wrongly on purpose, and refused */
  see(exchange: Exchange, requests: 'accepted' | 'all' = 'accepted'): void {
    const accepted = exchange.status >= 200 && exchange.status < 300;
    if (exchange.status >= 200 && exchange.status < 400) this.#answered.add(`${exchange.method} ${exchange.route}`);
    for (const finding of checkExchange(this.#documents, exchange)) {
      if (finding.part !== 'answer' && !accepted && requests === 'accepted') continue;
      const exception = exceptionOf(finding);
      if (exception !== undefined) this.#excused.add(`${exception.oracle} ${exception.rule}`);
      else this.#found.set(lineOf(finding), finding);
    }
  }

  /** What was wrong, in lines for people. */
  get findings(): string[] {
    return [...this.#found.keys()].sort();
  }

  /** The exceptions that something fell under, as `oracle rule`. */
  get excused(): ReadonlySet<string> {
    return this.#excused;
  }

  /** Methods and routes that were answered with success. */
  get answered(): ReadonlySet<string> {
    return this.#answered;
  }
}

const lineOf = ({ oracle, route, part, at, message, rule }: Finding): string =>
  `${route}: ${part}${at === '' ? '' : ` ${at}`} ${message} (${oracle}: ${rule})`;
