import type { Backend } from './backend.js';
import { RetentionPolicy } from '../domain/retention.js';
import { parseCommandLine, type Action } from './command-line.js';
import { readClientConfig } from './client-config.js';
import type { Config, IssuerConfig, OpenIdConfig, TlsFiles } from './config.js';
import { ConfigError, ValueError } from './errors.js';
import { FLAGS, FLAG_NAMES, environmentName, type Flag, type FlagName, type FlagValues } from './flags.js';
import type { FlagContext } from './flags.js';
import { readSettings } from './settings-file.js';

/** The configuration, and what is to be done with it. */
export interface LoadedConfig {
  readonly action: Action;
  /** What follows the name of a command. */
  readonly operands: readonly string[];
  readonly config: Config;
  /** Every flag's value and where it is from, in the order of the help text. */
  readonly settings: readonly Setting[];
}

export interface Setting {
  readonly name: FlagName;
  /** As one would write it, secrets masked. */
  readonly text: string;
  /** `default`, or the flag, variable or file that it is from. */
  readonly source: string;
  /** What a mistake there ends with. */
  readonly exitCode: 1 | 2;
}

export type Loaded = LoadedConfig | { readonly action: 'help' } | { readonly action: 'version' };

/**
 * The configuration from the command line, the environment, the settings file and the defaults, in this order of
 * precedence.
 * @param args - the command line without the program's name
 * @throws ConfigError
 */
export function loadConfig(args: readonly string[], context: FlagContext = contextOfProcess()): Loaded {
  const { action, operands, settings: settingsFlag, flags } = parseCommandLine(args);
  if (action === 'help' || action === 'version') return { action };
  const { env } = context;
  const settingsPath = settingsFlag ?? env.COORDINATE_SETTINGS;
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
  // What a backend may be called depends on them.
  const hasPlugins = sources.some(({ text }) => text('plugin') !== undefined);
  const read = FLAG_NAMES.map((name) => readValue(name, sources, { ...context, hasPlugins }));
  const values = Object.fromEntries(read.map(({ name, value }) => [name, value]));
  return { action, operands, config: toConfig(values as FlagValues), settings: read };
}

function contextOfProcess(): FlagContext {
  return { env: process.env, isTerminal: process.stderr.isTTY };
}

/** One place where a value may be given. */
interface Source {
  readonly text: (name: FlagName) => string | undefined;
  /** How an error calls the place. */
  readonly label: (name: FlagName) => string;
  readonly exitCode: 1 | 2;
}

interface ReadValue extends Setting {
  readonly value: unknown;
}

function readValue(name: FlagName, sources: readonly Source[], context: FlagContext): ReadValue {
  const flag: Flag<unknown> = FLAGS[name];
  const show = (value: unknown, text: string): string => flag.show?.(value) ?? text;
  const defaultText = typeof flag.default === 'string' ? flag.default : flag.default(context);
  for (const source of sources) {
    const text = source.text(name);
    if (text === undefined) continue;
    try {
      const value = flag.parse(text, context);
      return { name, value, text: show(value, text), source: source.label(name), exitCode: source.exitCode };
    } catch (error) {
      if (error instanceof ValueError)
        throw new ConfigError(`${source.label(name)}: ${error.message}`, source.exitCode);
      throw error;
    }
  }
  const value = flag.parse(defaultText, context);
  return { name, value, text: show(value, defaultText), source: 'default', exitCode: 2 };
}

function toConfig(values: FlagValues): Config {
  if (values.cborrpc === 'off' && values.http === 'off') {
    throw new ConfigError('nothing to serve: -cborrpc and -http are both off', 2);
  }
  if (values['test-clock'] && values.backend.kind !== 'memory') {
    throw new ConfigError('-test-clock is for -backend memory: a database goes by its own clock', 2);
  }
  return deepFreeze({
    backend: backendIn(values),
    cborRpc: values.cborrpc,
    http: values.http,
    namespace: values.namespace,
    clientConfig: values.config === undefined ? undefined : readClientConfig(values.config),
    plugins: values.plugin,
    auth: {
      tokens: values['auth-tokens'],
      rpcCaller: values['rpc-caller'],
      issuer: issuerIn(values),
      openId: openIdIn(values),
      rpcAllow: values['rpc-allow'],
      rate: values['rate-limit'],
      metricsOpen: values['metrics-open'],
    },
    tls: tlsIn(values),
    web: {
      corsOrigins: values['cors-origin'],
      allowedHosts: values['allowed-hosts'],
      trustedProxies: values['trusted-proxies'],
      basePath: values['base-path'],
    },
    ui: values.ui,
    testClock: values['test-clock'],
    log: {
      requests: values['log-requests'],
      format: values['log-format'],
      level: values['log-level'],
      metrics: values['log-metrics'],
      metricPeriod: values['metric-period'],
    },
    retention: new RetentionPolicy(values['retain-finished'], values['retain-failed'], values['retain-workers']),
    limits: {
      maxMessageBytes: values['max-message'],
      maxConnections: values['max-connections'],
      maxBufferedBytes: values['max-buffered'],
      maxMemoryBytes: values['max-memory'],
      historyMemoryBytes: values['history-memory'],
      maxRequests: values['max-requests'],
      stallTimeout: values['stall-timeout'],
      idleTimeout: values['idle-timeout'],
    },
    metrics: { maxSpecs: values['metrics-specs'] },
  });
}

/** @throws ConfigError when something is said of another daemon, and it is none */
function backendIn(values: FlagValues): Backend {
  const { backend, 'backend-token-file': tokenFile, 'backend-ca-file': caFile } = values;
  if (backend.kind === 'http') return { ...backend, tokenFile, caFile };
  for (const [flag, file] of Object.entries({ '-backend-token-file': tokenFile, '-backend-ca-file': caFile })) {
    if (file !== undefined) throw new ConfigError(`${flag} is for -backend http://HOST:PORT/ or https://`, 2);
  }
  return backend;
}

/** @throws ConfigError when some of it is there without the rest */
function issuerIn(values: FlagValues): IssuerConfig | undefined {
  const { 'auth-issuer': url, 'auth-audience': audience, 'auth-jwks': jwks, 'auth-claim': claim } = values;
  if (url !== undefined && audience !== undefined) return { url, audience, jwks, claim };
  if (url !== undefined)
    throw new ConfigError('-auth-issuer needs -auth-audience: its tokens may be meant for others', 2);
  if (audience !== undefined) throw new ConfigError('-auth-audience needs -auth-issuer, whose tokens are meant', 2);
  if (jwks !== undefined) throw new ConfigError('-auth-jwks needs -auth-issuer, whose keys they are', 2);
  return undefined;
}

/** @throws ConfigError when some of it is there without the rest */
function openIdIn(values: FlagValues): OpenIdConfig | undefined {
  const { 'auth-issuer': issuer, 'oidc-client-id': clientId, 'oidc-client-secret-file': secretFile } = values;
  if (clientId === undefined) {
    if (secretFile === undefined) return undefined;
    throw new ConfigError('-oidc-client-secret-file needs -oidc-client-id, whose secret it is', 2);
  }
  if (issuer === undefined) throw new ConfigError('-oidc-client-id needs -auth-issuer, where people sign in', 2);
  return { issuer, clientId, secretFile, scopes: values['oidc-scopes'] };
}

/** @throws ConfigError when some of it is there without the rest */
function tlsIn(values: FlagValues): TlsFiles | undefined {
  const { 'tls-cert': cert, 'tls-key': key, 'tls-client-ca': clientCa, 'tls-client': client } = values;
  if (cert !== undefined && key !== undefined) return { cert, key, clientCa, client };
  if (cert !== undefined) throw new ConfigError('-tls-cert needs -tls-key, the key of the certificate', 2);
  if (key !== undefined) throw new ConfigError('-tls-key needs -tls-cert, the certificate of the key', 2);
  if (clientCa !== undefined)
    throw new ConfigError('-tls-client-ca needs -tls-cert: without TLS nobody shows a certificate', 2);
  return undefined;
}

/** Freezes objects and arrays all the way down; the Maps of the client configuration are read-only by type. */
function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !(value instanceof Map)) Object.values(value).forEach(deepFreeze);
  return Object.freeze(value);
}
