import { EXIT_CODES } from '../errors.js';
import { GLOBAL_OPTIONS } from '../settings/global-options.js';
import type { Command, Option, Presets } from './command.js';
import { COMMANDS } from './commands.js';
import { aboutOption, flagOf, usageOf } from './help.js';
import { optionsOf } from './parse.js';

const HEAD = `# The command line

<!-- Written by npm run command-docs from packages/cli/src/table/commands.ts: change that. -->

\`npm install --global coordinate-cli\`, or \`npx coordinate-cli\` without installing it, on Node 20.19 or newer. The command is \`coordinate\`:

\`\`\`sh
coordinate spec set resize max_retries=3
coordinate unit add resize cat.jpg dog.jpg --data '{"width": 640}'
coordinate spec list
\`\`\`

It asks the daemon by [REST](rest-clients.md), at \`http://127.0.0.1:5980\` where nothing is said. \`coordinate COMMAND --help\` says what is on this page.

## Where, and as whom

A flag goes before the environment, the environment before the profile.

${optionTable(GLOBAL_OPTIONS)}

Profiles are in \`~/.config/coordinate/config.yaml\`, or in the file that \`-c\` names; paths in it are from its folder:

\`\`\`yaml
profile: near # where nothing is said
profiles:
  near: { url: 'http://127.0.0.1:5980', namespace: photos }
  site: { url: 'https://queue.example.org', namespace: photos, token_file: site.token, ca_file: site.pem, timeout: 10s, output: json }
\`\`\`

\`-c\` takes the configuration of historic workers as well: of its block \`coordinate\` come \`namespace\`, and \`url\`, or else the machine of
\`addresses\`, on port 5980. A token is in a file, or in \`COORDINATE_TOKEN\`, never on the command line, where others on the machine read it.

## What it says

\`-o table\` is for people, \`json\`, \`jsonl\` (one object on each line, however many) and \`yaml\` for programs. Integers are exact whatever their size; what JSON has
nothing for is [spelt out](rest-clients.md#data-that-json-cannot-say), and read back by \`spec set -w\` and \`unit add -u\`. Names and data may be anybody's: what a terminal would
carry out, or hide, is shown as \`\\x1b\` or \`\\u202e\`. Colors are for terminals, and not with \`NO_COLOR\`. Progress, questions and errors are on the standard error.

What can not be undone says first how many units it is about, and asks; \`--yes\` goes without. Where nobody can be asked, it does nothing and ends with 2.

| exit code | it says |
| --- | --- |
${EXIT_CODES.map(([code, about]) => `| ${code} | ${about} |`).join('\n')}

## Historic words

| as it was | is |
| --- | --- |
${COMMANDS.flatMap(historicRows).join('\n')}

Where a command takes SPEC, \`-W NAME\` or \`-w FILE\` may stand for it, as they did. What they print is of today.

## Commands
`;

/** docs/command-line.md. */
export function commandReference(): string {
  return `${HEAD}\n${COMMANDS.filter(({ isHidden }) => !isHidden)
    .map(sectionOf)
    .join('\n')}`;
}

function historicRows({ words, aliases = {} }: Command): string[] {
  return Object.entries(aliases).map(([alias, presets]) => `| \`${alias}\` | \`${words}${flagsOf(presets)}\` |`);
}

function flagsOf(presets: Presets): string {
  const flags = Object.entries(presets).map(([name, value]) => {
    if (name === 'usual-output') return ` -o ${String(value)}`;
    return ` --${name}${value === true ? '' : ` ${value}`}`;
  });
  return flags.join('');
}

function sectionOf(command: Command): string {
  const options = optionsOf(command);
  const { about, more, examples = [] } = command;
  return [
    `### ${command.words}`,
    `\`${usageOf(command)}\``,
    more === undefined ? about : `${about} ${more}`,
    ...(options.length > 0 ? [optionTable(options)] : []),
    ...(examples.length > 0
      ? [`\`\`\`sh\n${examples.map((example) => `coordinate ${example}`).join('\n')}\n\`\`\``]
      : []),
    '',
  ].join('\n\n');
}

function optionTable(options: readonly Option[]): string {
  const rows = options.map((option) => `| \`${flagOf(option)}\` | ${aboutOption(option)} |`);
  return ['| option | |', '| --- | --- |', ...rows].join('\n');
}
