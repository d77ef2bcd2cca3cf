import { parseArgs } from 'node:util';
import { wholeNumber } from '../common/example.js';

export const HELP = `Splits texts into parts, counts the words of each, and merges the counts, with a daemon on the
embedded PostgreSQL that is killed halfway.

  npm run example -- pipeline [OPTIONS]

  --directory DIR      the text files under DIR; by default the documentation of this project
  --files N            only N of them, spread evenly
  --part BYTES         how large a part is at least, which ends with a line (4096)
  --workers N          worker processes (2)
  --rate N             parts that are counted a second, by all of them together (40)
  --flaky N            each N-th count of a worker fails (4); 0 for none
  --no-kill            let the daemon live
`;

export interface Options {
  readonly directory: string | undefined;
  readonly files: number | undefined;
  /** Bytes. */
  readonly part: number;
  readonly workers: number;
  /** A second. */
  readonly rate: number;
  /** 0: no count fails. */
  readonly flaky: number;
  readonly kill: boolean;
}

/** @returns undefined where help is asked for @throws TypeError that says what is wrong with the command line */
export function readOptions(args: readonly string[]): Options | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      directory: { type: 'string' },
      files: { type: 'string' },
      part: { type: 'string', default: '4096' },
      workers: { type: 'string', default: '2' },
      rate: { type: 'string', default: '40' },
      flaky: { type: 'string', default: '4' },
      'no-kill': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const flaky = wholeNumber('--flaky', values.flaky, 0);
  // Were each one to fail there would be no end to it.
  if (flaky === 1) throw new TypeError('--flaky must be 0, or a whole number from 2 on, not 1');
  return {
    directory: values.directory,
    files: values.files === undefined ? undefined : wholeNumber('--files', values.files, 1),
    part: wholeNumber('--part', values.part, 1),
    workers: wholeNumber('--workers', values.workers, 1),
    rate: wholeNumber('--rate', values.rate, 1),
    flaky,
    kill: !values['no-kill'],
  };
}
