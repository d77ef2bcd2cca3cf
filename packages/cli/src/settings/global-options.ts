import { FORMS } from '../output/output.js';
import type { Option } from '../table/command.js';

/** Options of every command, before its words or behind them. */
export const GLOBAL_OPTIONS: readonly Option[] = [
  {
    name: 'url',
    value: 'URL',
    many: true,
    about: 'the daemon; several where one stands in for another (COORDINATE_URL)',
  },
  { name: 'namespace', value: 'NAME', about: 'where to work (COORDINATE_NAMESPACE)' },
  {
    name: 'token-file',
    value: 'FILE',
    about: 'file with the token of who calls (COORDINATE_TOKEN_FILE, or COORDINATE_TOKEN itself)',
  },
  { name: 'ca-file', value: 'FILE', about: 'certificates that https is trusted by (COORDINATE_CA_FILE)' },
  { name: 'insecure', about: 'send the token to other machines for all to read' },
  {
    name: 'config',
    short: 'c',
    value: 'FILE',
    about: 'profiles, or the configuration of historic workers (COORDINATE_CONFIG)',
  },
  { name: 'profile', value: 'NAME', about: 'which profile of the configuration (COORDINATE_PROFILE)' },
  { name: 'timeout', value: 'DURATION', about: 'how long one request may take (COORDINATE_TIMEOUT)' },
  {
    name: 'output',
    short: 'o',
    value: 'FORM',
    choices: FORMS,
    about: 'how it is shown: table where nothing is said (COORDINATE_OUTPUT)',
  },
  { name: 'json', about: 'the same as -o json' },
  { name: 'yaml', about: 'the same as -o yaml' },
  { name: 'text', about: 'the same as -o table' },
  { name: 'yes', short: 'y', about: 'ask nothing before what can not be undone' },
  { name: 'help', short: 'h', about: 'say what the command does' },
];
