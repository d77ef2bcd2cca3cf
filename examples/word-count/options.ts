import { parseArgs } from 'node:util';

export const HELP = `Counts the words of many files with several worker processes.

  npm run example -- [OPTIONS]

  --directory DIR      the text files under DIR; by default the documentation, licences and type
                       declarations that npm installed with this project
  --files N            only N of them, spread evenly
  --workers N          worker processes (4)
  --python N           so many of them in Python 3 (0); needs the package cbor2
  --kill               end one worker with SIGKILL halfway
  --address HOST:PORT  a daemon that runs already, instead of one started for this run
  --http URL           its REST address, for the history of attempts (http://127.0.0.1:5980/)
`;

export interface Options {
  readonly directory: string | undefined;
  readonly files: number | undefined;
  readonly workers: number;
  readonly python: number;
  readonly kill: boolean;
  readonly address: string | undefined;
  readonly http: string;
  readonly help: boolean;
}

/** @throws TypeError that says what is wrong with the command line */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      directory: { type: 'string' },
      files: { type: 'string' },
      workers: { type: 'string', default: '4' },
      python: { type: 'string', default: '0' },
      kill: { type: 'boolean', default: false },
      address: { type: 'string' },
      http: { type: 'string', default: 'http://127.0.0.1:5980/' },
      help: { type: 'boolean', default: false },
    },
  });
  const workers = wholeNumber('--workers', values.workers, 1);
  const python = wholeNumber('--python', values.python, 0);
  if (python > workers) throw new TypeError('--python cannot be more than --workers');
  if (values.kill && workers < 2) throw new TypeError('--kill needs two workers: somebody has to go on');
  const files = values.files === undefined ? undefined : wholeNumber('--files', values.files, 1);
  return { ...values, directory: values.directory, address: values.address, files, workers, python };
}

function wholeNumber(option: string, text: string, least: number): number {
  if (!/^\d+$/.test(text) || Number(text) < least) throw new TypeError(`${option} must be a number from ${least} on`);
  return Number(text);
}
