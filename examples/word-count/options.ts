import { parseArgs } from 'node:util';
import { wholeNumber } from '../common/example.js';

export const HELP = `Counts the words of many files with several worker processes.

  npm run example -- [word-count] [OPTIONS]

  --directory DIR      the text files under DIR; by default the documentation, licences and type
                       declarations that npm installed with this project
  --files N            only N of them, spread evenly
  --workers N          worker processes (4)
  --python N           so many of them in Python 3 (0); needs the package cbor2
  --kill               end one worker with SIGKILL halfway
  --http URL           REST of a daemon that runs already, instead of one started for this run
  --address HOST:PORT  its CBOR-RPC, for the workers in Python (127.0.0.1:5932)
`;

export interface Options {
  readonly directory: string | undefined;
  readonly files: number | undefined;
  readonly workers: number;
  readonly python: number;
  readonly kill: boolean;
  readonly address: string;
  readonly http: string | undefined;
}

/** @returns undefined where help is asked for @throws TypeError that says what is wrong with the command line */
export function readOptions(args: readonly string[]): Options | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      directory: { type: 'string' },
      files: { type: 'string' },
      workers: { type: 'string', default: '4' },
      python: { type: 'string', default: '0' },
      kill: { type: 'boolean', default: false },
      address: { type: 'string' },
      http: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const workers = wholeNumber('--workers', values.workers, 1);
  const python = wholeNumber('--python', values.python, 0);
  if (python > workers) throw new TypeError('--python cannot be more than --workers');
  if (values.kill && workers < 2) throw new TypeError('--kill needs two workers: somebody has to go on');
  if (values.address !== undefined && values.http === undefined) {
    throw new TypeError('--address is that of the daemon at --http, which is missing');
  }
  const files = values.files === undefined ? undefined : wholeNumber('--files', values.files, 1);
  const { directory, http, kill, address = '127.0.0.1:5932' } = values;
  return { directory, http, kill, address, files, workers, python };
}
