import { EXIT_CODES } from '../errors.js';
import { GLOBAL_OPTIONS } from '../settings/global-options.js';
import type { Command, Option } from './command.js';
import { optionsOf } from './parse.js';

export function usageOf(command: Command): string {
  return ['coordinate', command.words, '[options]', command.takes].filter(Boolean).join(' ');
}

export function flagOf({ name, short, value }: Option): string {
  return `${short ? `-${short}, ` : ''}--${name}${value ? ` ${value}` : ''}`;
}

/** What is said of an option: with all that it may be. */
export function aboutOption({ about, choices, many }: Option): string {
  return (
    about +
    (choices ? `; one of ${choices.join(', ')}` : '') +
    (many && !about.includes('several') ? '; may be repeated' : '')
  );
}

/** The help of one command. */
export function helpOf(command: Command): string {
  const lines = [`Usage: ${usageOf(command)}`, '', command.about];
  if (command.more) lines.push('', ...wrapped(command.more, 100));
  const options = optionsOf(command);
  if (options.length > 0) lines.push('', 'Options:', ...optionLines(options));
  if (command.examples) lines.push('', 'Examples:', ...command.examples.map((example) => `  coordinate ${example}`));
  const aliases = Object.keys(command.aliases ?? {});
  if (aliases.length > 0) lines.push('', `Also called ${aliases.join(', ')}.`);
  lines.push('', 'Options of all commands:', ...optionLines(GLOBAL_OPTIONS), '', ...exitLines());
  return `${lines.join('\n')}\n`;
}

/** The help of all, or of those that begin with a word. */
export function overview(commands: readonly Command[], noun?: string): string {
  const shown = commands.filter(({ words, isHidden }) => !isHidden && (!noun || words.startsWith(`${noun} `)));
  const width = Math.max(...shown.map(({ words, takes = '' }) => words.length + takes.length + 1));
  const lines = shown.map(({ words, takes = '', about }) => `  ${`${words} ${takes}`.padEnd(width)}  ${about}`);
  return `${[
    'Usage: coordinate COMMAND [options]',
    '',
    'Looks at the queues of a Coordinate daemon, changes them, and does their work.',
    '',
    'Commands (coordinate COMMAND --help says more):',
    ...lines,
    '',
    'Options of all commands:',
    ...optionLines(GLOBAL_OPTIONS),
    '',
    'A flag goes before the environment, the environment before the profile.',
    '',
    ...exitLines(),
  ].join('\n')}\n`;
}

function optionLines(options: readonly Option[]): string[] {
  const width = Math.max(...options.map((option) => flagOf(option).length));
  return options.map((option) => `  ${flagOf(option).padEnd(width)}  ${aboutOption(option)}`);
}

function exitLines(): string[] {
  return ['Exit codes:', ...EXIT_CODES.map(([code, about]) => `  ${code}  ${about}`)];
}

/** Text in lines of so many characters at most. */
function wrapped(text: string, columns: number): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines[lines.length - 1];
    if (line !== '' && line.length + 1 + word.length > columns) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines;
}
