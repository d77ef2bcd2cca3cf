import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

/** The checkout; this file runs from build/bench/bench/. */
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

export interface Options {
  /** Names of scenarios, or parts of names; empty: all that are run without being asked for. */
  readonly names: readonly string[];
  /** Seconds that one measurement takes, and before that to warm up. */
  readonly seconds: number;
  readonly warmup: number;
  /** Length of the soak. */
  readonly minutes: number;
  /** How many times a comparison is made, interleaved. */
  readonly rounds: number;
  /** Larger numbers of units are left out. */
  readonly maxUnits: number;
  /** main.js of the daemon. */
  readonly daemon: string;
  /** Where results go. */
  readonly out: string;
  readonly quick: boolean;
  readonly peers: boolean;
  readonly list: boolean;
  /** Put the results into docs/performance-notebook.md, and the chart of docs/performance.md. */
  readonly document: boolean;
  readonly updateBaseline: boolean;
  /** URL of a PostgreSQL server to use; undefined: one is started. */
  readonly postgres: string | undefined;
}

export const USAGE = `npm run bench -- [NAME...] [OPTION...]

NAME              scenarios whose name begins with it; none: all but those marked "asked for" in --list
--list            the scenarios
--quick           under a minute: ratios against bench/baseline.json; status 1 when one fell by over 30% three times in a row
--update-baseline write the ratios of a --quick run to bench/baseline.json
--document        put the results into their places in docs/performance-notebook.md, for scenarios measured in this run or with their
                  JSON in --out; what other places hold stays
--peers           also install and run graphile-worker and pg-boss (bench/peers) on the same PostgreSQL
--postgres URL    a PostgreSQL server to use instead of starting one
--seconds N       length of a measurement (4)       --warmup N   before each (2)
--rounds N        interleaved rounds of a comparison (3)
--minutes N       length of the soak (10)
--max-units N     leave out what needs more units
--daemon FILE     the daemon's main.js (dist/main.js)
--out DIR         where results go (bench/results)
`;

/** @throws TypeError for what is no option */
export function readOptions(args: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      seconds: { type: 'string', default: '4' },
      warmup: { type: 'string', default: '2' },
      minutes: { type: 'string', default: '10' },
      rounds: { type: 'string', default: '3' },
      'max-units': { type: 'string', default: '5000000' },
      daemon: { type: 'string', default: join(ROOT, 'dist', 'main.js') },
      out: { type: 'string', default: join(ROOT, 'bench', 'results') },
      quick: { type: 'boolean', default: false },
      peers: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      document: { type: 'boolean', default: false },
      'update-baseline': { type: 'boolean', default: false },
      postgres: { type: 'string' },
    },
  });
  return {
    names: positionals,
    seconds: positive('seconds', values.seconds),
    warmup: positive('warmup', values.warmup),
    minutes: positive('minutes', values.minutes),
    rounds: positive('rounds', values.rounds),
    maxUnits: positive('max-units', values['max-units']),
    daemon: values.daemon,
    out: values.out,
    quick: values.quick,
    peers: values.peers,
    list: values.list,
    document: values.document,
    updateBaseline: values['update-baseline'],
    postgres: values.postgres,
  };
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new TypeError(`--${name} must be a number above 0, not ${text}`);
  return value;
}
