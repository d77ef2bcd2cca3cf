/** What `coordinated` can do besides serving: its name comes before, between or after the flags. */
export interface Command {
  /** What may follow the name, as the help text shows it; '' when nothing may. */
  readonly operands: string;
  /** How many may follow at most. */
  readonly maxOperands: number;
  readonly help: string;
  /** A flag of the command's own that may be given often. Its values count as operands. */
  readonly repeated?: string;
}

const command = (definition: Command): Command => definition;

/** Every command; commands/run.ts says what carries it out. All of them take the flags of the daemon. */
export const COMMANDS = {
  'check-config': command({
    operands: '',
    maxOperands: 0,
    help:
      'check flags, environment, settings file and the file of -config without starting anything, and print the ' +
      'settings in effect, secrets masked: exit status 0, or 1 or 2 as the daemon would end with',
  }),
  dump: command({
    operands: 'FILE',
    maxOperands: 1,
    help:
      'write everything that the storage of -backend holds into FILE, - for stdout, while daemons go on serving. What a ' +
      'daemon keeps in memory is dumped through it: -backend http://127.0.0.1:5980/',
  }),
  restore: command({
    operands: 'FILE',
    maxOperands: 1,
    help:
      'put a dump, - for stdin, into the empty storage of -backend: all of it or, when the file is not whole, nothing. ' +
      'With -backend memory the daemon then serves it',
  }),
  token: command({
    operands: 'NAME --right RIGHT@NAMESPACE …',
    maxOperands: 1_000,
    repeated: 'right',
    help:
      'make a token for a caller of that name, and print it and its entry for the file of -auth-tokens. A RIGHT is read, ' +
      'submit, work, define, admin or operate; a NAMESPACE ends with * for all that begin so',
  }),
} as const;

export type CommandName = keyof typeof COMMANDS;

export const COMMAND_NAMES = Object.keys(COMMANDS) as CommandName[];

export function isCommandName(name: string): name is CommandName {
  return Object.hasOwn(COMMANDS, name);
}
