import { ATTEMPTS } from '../commands/attempts.js';
import { bench } from '../commands/bench.js';
import { completionCommands } from '../commands/completion.js';
import { demo } from '../commands/demo.js';
import { doctor } from '../commands/doctor.js';
import { failures } from '../commands/failures.js';
import { history } from '../commands/history.js';
import { LOADING } from '../commands/load.js';
import { NAMESPACES } from '../commands/namespaces.js';
import { run } from '../commands/run.js';
import { SPEC_CHANGES } from '../commands/spec-change.js';
import { SPEC_LOOKS } from '../commands/spec-look.js';
import { add } from '../commands/unit-add.js';
import { UNIT_CHANGES } from '../commands/unit-change.js';
import { UNIT_LOOKS } from '../commands/unit-look.js';
import { WATCHING } from '../commands/watch.js';
import { WORKERS } from '../commands/workers.js';
import type { Command } from './command.js';

/** All commands there are: the one table that parser, help, completion and docs/command-line.md are made of. */
export const COMMANDS: readonly Command[] = [
  ...SPEC_LOOKS,
  history,
  failures,
  ...SPEC_CHANGES,
  add,
  ...UNIT_LOOKS,
  ...UNIT_CHANGES,
  ...WORKERS,
  ...ATTEMPTS,
  ...NAMESPACES,
  ...LOADING,
  ...WATCHING,
  doctor,
  run,
  bench,
  demo,
  ...completionCommands(() => COMMANDS),
];
