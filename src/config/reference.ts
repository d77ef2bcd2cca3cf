import { markdownTable } from '../markdown.js';
import { COMMANDS, COMMAND_NAMES } from './commands.js';
import { FLAGS, FLAG_NAMES, environmentName, type Flag, type FlagName } from './flags.js';
import { defaultText } from './help.js';

/** What may stand for each kind of value, and its bounds, by what the help text calls it. */
const VALUES: Readonly<Record<string, string>> = {
  BACKEND: 'at most one; a password in a URL is never shown',
  ADDRESS: '`HOST:PORT`, `:PORT`, `[IPV6]:PORT` or `off`; ports 0 to 65535, 0 takes a free one; not both servers `off`',
  NAME: 'text of at most 1,024 bytes in UTF-8; may be empty',
  'FILE.yaml': 'a file that can be read: one YAML mapping',
  FILE: 'a file that can be read, in PEM',
  'PLUG-INS':
    'files, which begin with `/`, `./` or `../`, and names of packages; commas between, or the flag given often',
  ID: 'as the issuer has it',
  'SECRET.txt': 'a file that can be read, with nothing but the secret in it',
  SCOPES: 'words, spaces between; `openid` is always among them',
  WHETHER: '`required` or `optional`',
  URL: 'begins with `https://`; with `http://` for 127.0.0.1, [::1] and localhost',
  AUDIENCE: 'as tokens have it',
  WHERE: 'a file that can be read, or a URL as above',
  CLAIM: 'a name, or names with dots between; not empty',
  HOSTS: 'names of hosts without ports, commas between',
  ORIGINS: 'origins as browsers write them, `https://HOST` or `https://HOST:PORT` in small letters, commas between',
  NETWORKS: '`ADDRESS/BITS` or an address alone, commas between',
  PATH: 'begins with `/`; letters, digits and `. _ ~ -` between slashes; no path of REST itself',
  RATE: '`off`, or a whole number with `/s`, `/m` or `/h`',
  MODE: '`on`, `read-only` or `off`',
  FORMAT: '`ncsa`, `stackdriver`, `json` or `pretty`',
  LEVEL: '`fatal`, `error`, `warn`, `info`, `debug` or `trace`',
  DURATION:
    'numbers with us, ms, s, m, h, d or w, added up; more than nothing; a timeout may be `off` where the default is',
  RETENTION: '`unlimited`, an age, a count, or `AGE,COUNT`',
  SIZE: 'bytes, or with kB, MB, GB, KiB, MiB, GiB; 1 byte to 2 GiB',
  MEMORY: 'as SIZE, but 64 MiB or more',
  COUNT: 'a whole number, 1 or more',
};

const BOOLEAN = 'alone: on; `=true` or `=false`; elsewhere `true` or `false`';

/** docs/configuration.md, but for the alignment of its tables. */
export function configurationReference(): string {
  return `# Configuration

<!-- Written by npm run config-docs from the tables in src/config: change those. -->

Every setting can be given in three ways, here with \`max-memory\` as the example:

| as | example |
| --- | --- |
| a flag, with one dash or two, its value after a space or \`=\` | \`-max-memory 2GiB\` |
| an environment variable: \`COORDINATE_\` and its name in capitals, with \`_\` for \`-\` | \`${environmentName('max-memory')}=2GiB\` |
| a key of the settings file, which \`--settings FILE.yaml\` or \`COORDINATE_SETTINGS\` names | \`max-memory: 2GiB\` |

If it is given more than once, the flag counts, then the variable, then the file. An empty variable or key counts as not given.
\`coordinated check-config FLAGS\` prints the settings in effect, and where each comes from. [Running the daemon](running.md) says more about each subject.

${markdownTable(
  ['flag', 'default', 'meaning'],
  FLAG_NAMES.map((name) => {
    const flag: Flag<unknown> = FLAGS[name];
    return [`\`${usage(name)}\``, shownDefault(flag), flag.help];
  }),
)}

## Values

${markdownTable(['value', 'may be', 'used by'], valueRows())}

## Commands

${markdownTable(
  ['command', 'does'],
  COMMAND_NAMES.map((name) => [
    `\`${`coordinated ${name} ${COMMANDS[name].operands}`.trimEnd()}\``,
    COMMANDS[name].help,
  ]),
)}

\`--help\` and \`--version\` print and exit. The exit status is 2 for a mistake on the command line or in the environment, and 1
for a mistake in a file, a port that is in use, or a storage that cannot be reached.

## Fixed limits

No setting changes these:

| limit                                                        | is                                          |
| ------------------------------------------------------------ | ------------------------------------------- |
| nesting of a CBOR-RPC message                                | 512                                         |
| requests in one CBOR-RPC message                             | 100,000                                     |
| requests of a CBOR-RPC connection carried out at once        | 1; the next is read when it is answered     |
| requests of an HTTP connection that wait for their answers   | 100; more are answered 429 with Retry-After |
| head of an HTTP request                                      | 1 MiB, within a minute: else 431, 408       |
| HTTP connections beyond the limit that still get an answer   | 100: 503 with Retry-After                   |
| sessions                                                     | 12 hours, 100 of one person or token        |
| TLS handshakes                                               | 10 s each; of more than 500 at once the oldest are cut off |
| lines of the log that wait for a slow reader                 | 4 MiB; more are dropped                     |
`;
}

function usage(name: FlagName): string {
  const { argument }: Flag<unknown> = FLAGS[name];
  return argument === undefined ? `-${name}` : `-${name} ${argument}`;
}

function shownDefault(flag: Flag<unknown>): string {
  return flag.defaultText ?? `\`${defaultText(flag)}\``;
}

function valueRows(): string[][] {
  const users = new Map<string | undefined, string[]>();
  for (const name of FLAG_NAMES) {
    const { argument }: Flag<unknown> = FLAGS[name];
    users.set(argument, [...(users.get(argument) ?? []), `\`-${name}\``]);
  }
  return [...users].map(([argument, names]) => {
    const may = argument === undefined ? BOOLEAN : VALUES[argument];
    if (may === undefined) throw new Error(`nothing says what may stand for ${argument}`);
    return [argument ?? 'on or off', may, names.join(', ')];
  });
}
