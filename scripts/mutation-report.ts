import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import * as z from 'zod';

const PROJECT = resolve(import.meta.dirname, '..');
const read = (path: string): unknown => JSON.parse(readFileSync(resolve(PROJECT, path), 'utf8'));

const modulesSchema = z.record(z.string(), z.object({ mutate: z.array(z.string()), tests: z.array(z.string()) }));

/** Below this a module's tests leave too much unnoticed, in percent. */
export const LEAST_SCORE = 85;
export const MUTATION_MODULES: readonly string[] = Object.keys(modulesSchema.parse(read('tests/mutation/modules.json')));

/** https://github.com/stryker-mutator/mutation-testing-elements: what is needed of a report. */
const reportSchema = z.object({
  files: z.record(
    z.string(),
    z.object({
      mutants: z.array(
        z.object({
          status: z.enum(['Killed', 'Timeout', 'Survived', 'NoCoverage', 'CompileError', 'RuntimeError', 'Ignored', 'Pending']),
        }),
      ),
    }),
  ),
});

export interface MutationScore {
  /** A module, or a file. */
  name: string;
  mutants: number;
  /** A test failed, or never came to an end. */
  killed: number;
  /** No test failed, or none came by. */
  survived: number;
  /** Of 100, rounded down to two places. */
  score: number;
}

/** What Stryker measured, in the order it is to be read: the whole, then file by file. @param report the text of its JSON */
export function scoresOf(name: string, report: unknown): { whole: MutationScore; files: MutationScore[] } {
  const { files } = reportSchema.parse(report);
  const scores = Object.entries(files).map(([path, { mutants }]) => {
    const having = (...states: string[]): number => mutants.filter(({ status }) => states.includes(status)).length;
    return scoreOf(path, having('Killed', 'Timeout'), having('Survived', 'NoCoverage'));
  });
  const sum = (field: 'killed' | 'survived'): number => scores.reduce((total, score) => total + score[field], 0);
  return { whole: scoreOf(name, sum('killed'), sum('survived')), files: scores };
}

function scoreOf(name: string, killed: number, survived: number): MutationScore {
  const mutants = killed + survived;
  return { name, mutants, killed, survived, score: Math.floor((killed / Math.max(1, mutants)) * 10_000) / 100 };
}

/** The last report of a module. @throws Error when it was never measured here */
export const readReport = (name: string): unknown => read(`reports/mutation/${name}.json`);
