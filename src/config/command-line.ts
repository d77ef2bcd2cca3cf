import { parseArgs } from 'node:util';
import { type Command, COMMANDS, isCommandName, type CommandName } from './commands.js';
import { ConfigError } from './errors.js';
import { type Flag, FLAGS, FLAG_NAMES, isFlagName, type FlagName } from './flags.js';

/** What is to be done with the configuration: serve, or carry out a command. */
export type Action = 'start' | CommandName;

interface CommandLine {
  readonly action: Action | 'help' | 'version';
  /** What follows the name of a command. */
  readonly operands: readonly string[];
  /** File of the settings that are named nowhere else. */
  readonly settings: string | undefined;
  /** The text of each flag given; of one given twice the later, or both with a comma between where it may be. */
  readonly flags: ReadonlyMap<FlagName, string>;
}

const BOOLEANS = new Set<string>(FLAG_NAMES.filter((name) => FLAGS[name].argument === undefined));

const REPEATED = new Set<string>(FLAG_NAMES.filter((name) => (FLAGS[name] as Flag<unknown>).isRepeated));

const OPTIONS = {
  help: { type: 'boolean' },
  version: { type: 'boolean' },
  settings: { type: 'string' },
  ...Object.fromEntries(
    Object.values<Command>(COMMANDS).flatMap(({ repeated }) =>
      repeated ? [[repeated, { type: 'string' }] as const] : [],
    ),
  ),
  ...Object.fromEntries(FLAG_NAMES.map((name) => [name, { type: BOOLEANS.has(name) ? 'boolean' : 'string' }] as const)),
} as const;

/**
 * @param args - without the program's name; flags may begin with one dash, as the historic daemon's, or with two
 * @throws ConfigError on an unknown or malformed flag
 */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const end = args.includes('--') ? args.indexOf('--') : args.length;
  const { tokens } = parseArgs({
    args: [...args.slice(0, end).map(withTwoDashes), ...args.slice(end)],
    options: OPTIONS,
    strict: false,
    tokens: true,
  });
  const flags = new Map<FlagName, string>();
  let action: Action = 'start';
  let asked: 'help' | 'version' | undefined;
  const operands: string[] = [];
  let settings: string | undefined;
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue;
    if (token.kind === 'positional') {
      const most = action === 'start' ? 0 : COMMANDS[action].maxOperands;
      if (action === 'start' && isCommandName(token.value)) action = token.value;
      else if (operands.length < most) operands.push(token.value);
      else throw usage(`unexpected argument ${JSON.stringify(token.value)}`);
      continue;
    }
    const { name, inlineValue } = token;
    if (name === 'help' || name === 'h') asked = 'help';
    else if (name === 'version') asked ??= 'version';
    else if (name === 'settings') settings = valueOf(name, token.value, inlineValue);
    else if (action !== 'start' && repeatedBy(action) === name) {
      operands.push(valueOf(name, token.value, inlineValue));
    } else if (!isFlagName(name)) throw usage(`unknown flag -${name}`);
    else if (BOOLEANS.has(name)) flags.set(name, token.value ?? 'true');
    else {
      const value = valueOf(name, token.value, inlineValue);
      const before = REPEATED.has(name) ? flags.get(name) : undefined;
      flags.set(name, before === undefined ? value : `${before},${value}`);
    }
  }
  return { action: asked ?? action, operands, settings, flags };
}

function repeatedBy(action: CommandName): string | undefined {
  const { repeated }: Command = COMMANDS[action];
  return repeated;
}

/** `-name` and `-name=value` as parseArgs wants them; a lone dash is no flag. */
function withTwoDashes(arg: string): string {
  return /^-[^-]/.test(arg) ? `-${arg}` : arg;
}

function valueOf(name: string, value: string | undefined, inline: boolean | undefined): string {
  // "-backend -http :5980" lacks a value; one that really begins with a dash is written -name=-value.
  if (value === undefined || (!inline && value.startsWith('-'))) throw usage(`flag -${name} needs a value`);
  return value;
}

function usage(problem: string): ConfigError {
  return new ConfigError(`${problem} (--help shows all flags)`, 2);
}
