import { COMMANDS, COMMAND_NAMES } from './commands.js';
import { FLAGS, FLAG_NAMES, environmentName, type Flag, type FlagName } from './flags.js';

const WIDTH = 96;
const INDENT = '        ';

/** The text of `--help`, made from the table of flags. */
export function helpText(): string {
  return [
    'Usage: coordinated [FLAGS]',
    '       coordinated COMMAND [FLAGS]',
    '',
    ...wrap('The Coordinate job queue daemon: serves CBOR-RPC and REST over one storage backend.', ''),
    '',
    ...wrap(
      'Flags begin with one dash or two (-backend memory, --backend memory, --backend=memory). What is not given as a ' +
        'flag is taken from the environment variable, then from the settings file, then from the default.',
      '',
    ),
    '',
    ...FLAG_NAMES.flatMap(flagHelp),
    ...entry('--settings FILE.yaml', 'a file of these settings by their names without dashes [COORDINATE_SETTINGS]'),
    ...entry('--help', 'print this text and exit'),
    ...entry('--version', 'print the version and exit'),
    '',
    'Commands:',
    '',
    ...COMMAND_NAMES.flatMap((name) => entry(`${name} ${COMMANDS[name].operands}`.trimEnd(), COMMANDS[name].help)),
    '',
  ].join('\n');
}

/** A flag's default in words, as help and documentation show it. */
export function defaultText(flag: Flag<unknown>): string {
  return flag.defaultText ?? (typeof flag.default === 'string' ? flag.default : '');
}

function flagHelp(name: FlagName): string[] {
  const flag: Flag<unknown> = FLAGS[name];
  return entry(
    `-${name}${flag.argument === undefined ? '' : ` ${flag.argument}`}`,
    `${flag.help} (default: ${defaultText(flag)}) [${environmentName(name)}]`,
  );
}

function entry(usage: string, text: string): string[] {
  return [`  ${usage}`, ...wrap(text, INDENT)];
}

function wrap(text: string, indent: string): string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(' ')) {
    if (line.length > indent.length && line.length + word.length > WIDTH) {
      lines.push(line.trimEnd());
      line = indent;
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()];
}
