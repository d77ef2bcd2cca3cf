import { maskBackend, parseBackend } from './backend.js';
import { LOG_FORMATS, LOG_LEVELS, TLS_CLIENTS, UI_MODES } from './config.js';
import type { Environment } from './environment.js';
import { machineMemory } from './machine-memory.js';
import {
  MIN_MEMORY,
  parseAddress,
  parseBasePath,
  parseBoolean,
  parseChoice,
  parseClaim,
  parseCount,
  parseHosts,
  parseIssuer,
  parseJwks,
  parseMemory,
  parseNamespace,
  parseNetworks,
  parseOrigins,
  parsePath,
  parsePeriod,
  parsePlugins,
  parseRate,
  parseRetention,
  parseScopes,
  parseSize,
  parseTimeout,
} from './values.js';

/** What a default or a parser may look at besides the text. */
export interface FlagContext {
  readonly env: Environment;
  /** Whether the log goes to a terminal. */
  readonly isTerminal: boolean;
  /** Memory that the machine, or what the process is confined to, has; absent: it is asked for. */
  readonly memoryBytes?: number;
  /** Whether plug-ins are given. */
  readonly hasPlugins?: boolean;
}

/** One setting: `-name` on the command line, COORDINATE_NAME in the environment, `name` in the settings file. */
export interface Flag<T> {
  /** What the value is called in the help text; a flag without one is boolean and needs no value. */
  readonly argument?: string;
  /** Whether it may be given often: what it was given is put together with commas between. */
  readonly isRepeated?: true;
  /** The value, as one would write it, when it is set nowhere. */
  readonly default: string | ((context: FlagContext) => string);
  /** The default in words, where its text does not say it. */
  readonly defaultText?: string;
  /** @throws ValueError */
  readonly parse: (text: string, context: FlagContext) => T;
  /** The value as one would write it, without secrets; absent: the text that was given. */
  show?(value: T): string;
  readonly help: string;
}

/** The part of the memory there is that the daemon takes by itself; the rest is for the system and what runs beside it. */
const MEMORY_PART = 0.8;

const inMiB = (bytes: number): string => `${Math.floor(bytes / 2 ** 20)}MiB`;

const flag = <T>(definition: Flag<T>): Flag<T> => definition;

/** Every flag of the daemon, in the order of the help text. Parsing, help and documentation are made from this table. */
export const FLAGS = {
  backend: flag({
    argument: 'BACKEND',
    default: 'memory',
    parse: (text, { env, hasPlugins }) => parseBackend(text, env, hasPlugins),
    show: maskBackend,
    help:
      'where state is kept: memory; embedded[:DIR], a PostgreSQL that the daemon brings along and runs itself, with its ' +
      "data in DIR, by default the platform's state folder; or a PostgreSQL at " +
      'postgres://USER:PASSWORD@HOST:PORT/DATABASE, or less of it, completed by PGHOST, PGPORT, PGUSER, PGPASSWORD, ' +
      'PGDATABASE and PGSSLMODE, else user and database postgres on localhost; or another daemon of this version, at ' +
      'http://HOST:PORT/ or https://HOST:PORT/; or one that a -plugin brings, by its name',
  }),
  'backend-token-file': flag({
    argument: 'FILE',
    default: '',
    defaultText: 'none',
    parse: parsePath,
    help: 'has the token by which the other daemon of -backend knows this one; goes by https, or to this machine',
  }),
  'backend-ca-file': flag({
    argument: 'FILE',
    default: '',
    defaultText: 'those that Node knows',
    parse: parsePath,
    help: 'authorities one of which has signed the certificate of the other daemon',
  }),
  cborrpc: flag({
    argument: 'ADDRESS',
    default: '127.0.0.1:5932',
    parse: parseAddress,
    help: 'address of CBOR-RPC: HOST:PORT, :PORT for all interfaces, [IPV6]:PORT, or off; port 0 takes a free one',
  }),
  http: flag({
    argument: 'ADDRESS',
    default: '127.0.0.1:5980',
    parse: parseAddress,
    help: 'address of REST, metrics and health, written the same way',
  }),
  namespace: flag({
    argument: 'NAME',
    default: '',
    defaultText: 'the empty name',
    parse: parseNamespace,
    help: 'the namespace that CBOR-RPC clients work in',
  }),
  config: flag({
    argument: 'FILE.yaml',
    default: '',
    defaultText: 'none',
    parse: parsePath,
    help: 'YAML handed to clients by get_config',
  }),
  plugin: flag({
    argument: 'PLUG-INS',
    isRepeated: true,
    default: '',
    defaultText: 'none',
    parse: parsePlugins,
    help: 'adds methods, routes and more of a plug-in: a file such as ./mine.js, or a package by its name; may be given often',
  }),
  'auth-tokens': flag({
    argument: 'FILE.yaml',
    default: '',
    defaultText: 'none: whoever reaches a port may do everything',
    parse: parsePath,
    help: 'who may do what, by tokens (coordinated token makes one); read again when it changes and at SIGHUP',
  }),
  'rpc-caller': flag({
    argument: 'NAME',
    default: '',
    defaultText: 'nobody, where -auth-tokens is given',
    parse: parsePath,
    help: 'the caller of -auth-tokens that CBOR-RPC connections are as long as they do not say who they are',
  }),
  'rpc-allow': flag({
    argument: 'NETWORKS',
    default: '',
    defaultText: 'whoever reaches it',
    parse: parseNetworks,
    help: 'networks such as 10.1.0.0/16, commas between, from which CBOR-RPC may be connected to; others are reset at once',
  }),
  'rate-limit': flag({
    argument: 'RATE',
    default: 'off',
    parse: parseRate,
    help:
      'requests that each caller may make, such as 1000/s or 5000/m: more are answered 429 with Retry-After, or with an error over ' +
      'CBOR-RPC',
  }),
  'metrics-open': flag({
    default: 'false',
    defaultText: 'off: to who may read everything, where -auth-tokens is given',
    parse: parseBoolean,
    help: 'show the metrics to whoever asks for them',
  }),
  'auth-issuer': flag({
    argument: 'URL',
    default: '',
    defaultText: 'none',
    parse: parseIssuer,
    help: 'whose signed tokens (JWT) say who somebody is: https://…, or http:// on this machine, as the tokens call it',
  }),
  'auth-audience': flag({
    argument: 'AUDIENCE',
    default: '',
    defaultText: 'none; needed with -auth-issuer',
    parse: parsePath,
    help: 'whom those tokens must be meant for',
  }),
  'auth-jwks': flag({
    argument: 'WHERE',
    default: '',
    defaultText: 'where the issuer says, by OpenID discovery',
    parse: parseJwks,
    help: 'URL or file of its keys',
  }),
  'auth-claim': flag({
    argument: 'CLAIM',
    default: 'coordinate',
    parse: parseClaim,
    help:
      'the claim that says what somebody may do, {"demo": ["work"]} or ["work@demo"]; within others with dots between. Callers of ' +
      '-auth-tokens may be known by other claims',
  }),
  'oidc-client-id': flag({
    argument: 'ID',
    default: '',
    defaultText: 'none: people sign in by tokens',
    parse: parsePath,
    help: 'what -auth-issuer knows this daemon by: people sign in there, by OpenID Connect, and come back to /session/callback',
  }),
  'oidc-client-secret-file': flag({
    argument: 'SECRET.txt',
    default: '',
    defaultText: 'none: the issuer knows it as a public client',
    parse: parsePath,
    help: 'the secret that goes with it',
  }),
  'oidc-scopes': flag({
    argument: 'SCOPES',
    default: 'openid profile',
    parse: parseScopes,
    help: 'what the issuer is asked to say of people who sign in; some want groups for that claim',
  }),
  'tls-cert': flag({
    argument: 'FILE',
    default: '',
    defaultText: 'none: nothing is encrypted',
    parse: parsePath,
    help: 'certificate, with those between it and its authority, in PEM: both addresses speak TLS, 1.2 or newer; read again at SIGHUP',
  }),
  'tls-key': flag({
    argument: 'FILE',
    default: '',
    defaultText: 'none',
    parse: parsePath,
    help: 'its key',
  }),
  'tls-client-ca': flag({
    argument: 'FILE',
    default: '',
    defaultText: 'none',
    parse: parsePath,
    help: 'authorities whose certificates clients show; -auth-tokens says who they are',
  }),
  'tls-client': flag({
    argument: 'WHETHER',
    default: 'required',
    parse: parseChoice(TLS_CLIENTS),
    help: 'whether clients must show one: required, or optional beside tokens; one that is wrong is always refused',
  }),
  'allowed-hosts': flag({
    argument: 'HOSTS',
    default: '',
    defaultText: "this machine's name",
    parse: parseHosts,
    help:
      'names with a dot in them, commas between, by which HTTP may be asked: of others a page in a browser could be lying. ' +
      'Addresses, and names without a dot, need none of it',
  }),
  'cors-origin': flag({
    argument: 'ORIGINS',
    default: '',
    defaultText: 'none',
    parse: parseOrigins,
    help:
      'origins such as https://dash.example.com, commas between, whose pages may make requests and read the answers; those of ' +
      'others change nothing',
  }),
  'trusted-proxies': flag({
    argument: 'NETWORKS',
    default: '',
    defaultText: 'none',
    parse: parseNetworks,
    help:
      'networks such as 10.0.0.0/8, commas between, of proxies whose headers X-Forwarded-For, -Proto, -Host and -Prefix are ' +
      "believed; nobody else's are",
  }),
  'base-path': flag({
    argument: 'PATH',
    default: '',
    defaultText: 'none, or what a trusted proxy says',
    parse: parseBasePath,
    help: 'what paths of HTTP begin with before a proxy, such as /coordinate: links begin with it, requests may',
  }),
  ui: flag({
    argument: 'MODE',
    default: 'on',
    parse: parseChoice(UI_MODES),
    help: 'the dashboard at /ui/: on; read-only, so that it offers nothing that changes anything, to whoever looks at it; or off',
  }),
  'test-clock': flag({
    default: 'false',
    defaultText: 'off',
    parse: parseBoolean,
    help: 'for tests, with -backend memory: the program that started the daemon may set its clock, over the channel of child processes of Node alone',
  }),
  'log-requests': flag({
    default: 'false',
    defaultText: 'off',
    parse: parseBoolean,
    help: 'log every request of both interfaces: id, method, duration and outcome, never what is in it',
  }),
  'log-format': flag({
    argument: 'FORMAT',
    default: ({ isTerminal }) => (isTerminal ? 'pretty' : 'json'),
    defaultText: 'pretty on a terminal, else json',
    parse: parseChoice(LOG_FORMATS),
    help: `form of the log: ${LOG_FORMATS.join(', ')}`,
  }),
  'log-level': flag({
    argument: 'LEVEL',
    default: 'info',
    parse: parseChoice(LOG_LEVELS),
    help: `least severe lines to log: ${LOG_LEVELS.join(', ')}`,
  }),
  'log-metrics': flag({
    default: 'false',
    defaultText: 'off',
    parse: parseBoolean,
    help: 'log a summary line once per -metric-period',
  }),
  'metric-period': flag({
    argument: 'DURATION',
    default: '2m',
    parse: parsePeriod,
    help: 'time between two summary lines, such as 30s or 1h30m',
  }),
  'retain-finished': flag({
    argument: 'RETENTION',
    default: 'unlimited',
    parse: parseRetention,
    help: 'how long finished work units are kept: an age, a count per work spec, or both (7d,100000); unlimited keeps all',
  }),
  'retain-failed': flag({
    argument: 'RETENTION',
    default: 'unlimited',
    parse: parseRetention,
    help: 'the same for failed work units',
  }),
  'retain-workers': flag({
    argument: 'RETENTION',
    default: '7d',
    parse: parseRetention,
    help: 'how long the records of inactive workers are kept',
  }),
  'max-message': flag({
    argument: 'SIZE',
    default: '64MiB',
    parse: parseSize,
    help: 'largest CBOR-RPC message and REST body',
  }),
  'max-connections': flag({
    argument: 'COUNT',
    default: '10000',
    parse: parseCount,
    help: 'most connections open at once on one address',
  }),
  'max-buffered': flag({
    argument: 'SIZE',
    default: '256MiB',
    parse: parseSize,
    help:
      'most memory for unfinished messages, and as much for unread answers, of all clients of one address: near it ' +
      'clients are slowed down, beyond it refused or cut off',
  }),
  'max-memory': flag({
    argument: 'MEMORY',
    default: ({ memoryBytes = machineMemory() }) => inMiB(Math.max(MIN_MEMORY, memoryBytes * MEMORY_PART)),
    defaultText: '80% of the memory of the machine, or of its cgroup where that is less',
    parse: parseMemory,
    show: inMiB,
    help:
      'most memory that the daemon holds, with all that it keeps: beyond it, or near the end of its JavaScript heap, ' +
      'what would add is refused (507 over REST), while work can still be claimed, ended and deleted',
  }),
  'history-memory': flag({
    argument: 'SIZE',
    default: '64MiB',
    parse: parseSize,
    help:
      'most memory for the history of all work specs, on a backend that keeps it there: beyond it those that are used ' +
      'least are told more coarsely, and not so far back',
  }),
  'metrics-specs': flag({
    argument: 'COUNT',
    default: '1000',
    parse: parseCount,
    help: 'how many work specs have series of their own in /metrics, those used last; the others are summed',
  }),
  'max-requests': flag({
    argument: 'COUNT',
    default: '1000',
    parse: parseCount,
    help: 'most REST requests worked on at once; more are answered 503 with Retry-After, health and metrics apart',
  }),
  'stall-timeout': flag({
    argument: 'DURATION',
    default: '2m',
    parse: parsePeriod,
    help: 'how long a client may leave a message unfinished, or its answers unread, before its connection is cut',
  }),
  'idle-timeout': flag({
    argument: 'DURATION',
    default: 'off',
    parse: parseTimeout,
    help:
      'how long a CBOR-RPC connection may say nothing before it is reset, unless a worker that spoke on it holds a ' +
      'lease; off: for ever',
  }),
} as const;

export type FlagName = keyof typeof FLAGS;
export type FlagValues = { readonly [Name in FlagName]: ReturnType<(typeof FLAGS)[Name]['parse']> };

export const FLAG_NAMES = Object.keys(FLAGS) as FlagName[];

export function isFlagName(name: string): name is FlagName {
  return Object.hasOwn(FLAGS, name);
}

export function environmentName(name: string): string {
  return `COORDINATE_${name.replaceAll('-', '_').toUpperCase()}`;
}
