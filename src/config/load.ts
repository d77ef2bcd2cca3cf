import { isDeepStrictEqual } from 'node:util';
import { RetentionPolicy } from '../domain/retention.js';
import { parseCommandLine } from './command-line.js';
import { readClientConfig } from './client-config.js';
import type { Config } from './config.js';
import { ConfigError, ValueError } from './errors.js';
import { FLAGS, FLAG_NAMES, environmentName, type Flag, type FlagName, type FlagValues } from './flags.js';
import type { Surroundings } from './flags.js';
import { readSettings } from './settings-file.js';

export type Loaded =
  { readonly action: 'start'; readonly config: Config } | { readonly action: 'help' } | { readonly action: 'version' };

/**
 * The configuration from the command line, the environment, the settings file and the defaults, in this order of
 * precedence.
 * @param args - the command line without the program's name
 * @throws ConfigError
 */
export function loadConfig(args: readonly string[], surroundings: Surroundings = processSurroundings()): Loaded {
  const { action, settings, flags } = parseCommandLine(args);
  if (action !== 'start') return { action };
  const { env } = surroundings;
  const settingsPath = settings ?? env.COORDINATE_SETTINGS;
  const sources: Source[] = [
    { text: (name) => flags.get(name), label: (name) => `flag -${name}`, exitCode: 2 },
    { text: (name) => env[environmentName(name)] || undefined, label: environmentName, exitCode: 2 },
  ];
  if (settingsPath) {
    const file = readSettings(settingsPath);
    sources.push({
      text: (name) => file.get(name) || undefined,
      label: (name) => `settings file ${settingsPath}: ${name}`,
      exitCode: 1,
    });
  }
  const values = Object.fromEntries(FLAG_NAMES.map((name) => [name, readValue(name, sources, surroundings)]));
  return { action, config: toConfig(values as FlagValues) };
}

function processSurroundings(): Surroundings {
  return { env: process.env, isTerminal: process.stderr.isTTY };
}

/** One place where a value may be given. */
interface Source {
  readonly text: (name: FlagName) => string | undefined;
  /** How an error calls the place. */
  readonly label: (name: FlagName) => string;
  readonly exitCode: 1 | 2;
}

function readValue(name: FlagName, sources: readonly Source[], surroundings: Surroundings): unknown {
  const flag: Flag<unknown> = FLAGS[name];
  const defaultText = typeof flag.default === 'string' ? flag.default : flag.default(surroundings);
  for (const source of sources) {
    const text = source.text(name);
    if (text === undefined) continue;
    try {
      const value = flag.parse(text, surroundings);
      if (flag.unavailable && !isDeepStrictEqual(value, flag.parse(defaultText, surroundings))) {
        throw new ValueError('not yet available in this version');
      }
      return value;
    } catch (error) {
      if (error instanceof ValueError)
        throw new ConfigError(`${source.label(name)}: ${error.message}`, source.exitCode);
      throw error;
    }
  }
  return flag.parse(defaultText, surroundings);
}

function toConfig(values: FlagValues): Config {
  if (values.cborrpc === 'off' && values.http === 'off') {
    throw new ConfigError('nothing to serve: -cborrpc and -http are both off', 2);
  }
  return deepFreeze({
    backend: values.backend,
    cborRpc: values.cborrpc,
    http: values.http,
    namespace: values.namespace,
    clientConfig: values.config === undefined ? undefined : readClientConfig(values.config),
    log: {
      requests: values['log-requests'],
      format: values['log-format'],
      level: values['log-level'],
      metrics: values['log-metrics'],
      metricPeriod: values['metric-period'],
    },
    retention: new RetentionPolicy(values['retain-finished'], values['retain-failed'], values['retain-workers']),
    limits: { maxMessageBytes: values['max-message'], maxConnections: values['max-connections'] },
  });
}

/** Freezes objects and arrays all the way down; the Maps of the client configuration are read-only by type. */
function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !(value instanceof Map)) Object.values(value).forEach(deepFreeze);
  return Object.freeze(value);
}
