import type { RetentionPolicy } from '../domain/retention.js';
import type { Micros } from '../domain/time.js';
import type { Backend } from './backend.js';
import type { ClientConfig } from './client-config.js';

/** Where a server listens. `host` is a name or an IP address without brackets, '' for all interfaces; port 0 takes a free one. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

export type ListenAddress = Address | 'off';

export const LOG_FORMATS = ['ncsa', 'stackdriver', 'json', 'pretty'] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LogConfig {
  /** Whether each request gets a line. */
  readonly requests: boolean;
  readonly format: LogFormat;
  readonly level: LogLevel;
  /** Whether a summary line is logged once per `metricPeriod`. */
  readonly metrics: boolean;
  readonly metricPeriod: Micros;
}

/** How many requests a caller may make in how long. */
export interface Rate {
  /** As it was written. */
  readonly text: string;
  readonly requests: number;
  /** In milliseconds. */
  readonly perMs: number;
}

/** Who is let in. */
export interface Auth {
  /** The file of those who are known by tokens; undefined: nobody is asked who they are. */
  readonly tokens: string | undefined;
  /** Which of them a CBOR-RPC connection is that does not say who it is. */
  readonly rpcCaller: string | undefined;
  /** Who signs tokens besides; undefined: nobody. */
  readonly issuer?: IssuerConfig;
  /** How people sign in at it; undefined: they do not. */
  readonly openId?: OpenIdConfig;
  /** Whether plug-ins know callers besides. */
  readonly byPlugins?: boolean;
  /** Networks from which CBOR-RPC may be connected to, `ADDRESS/BITS`; none: from all. */
  readonly rpcAllow: readonly string[];
  /** What each caller is kept to; undefined: to nothing. */
  readonly rate: Rate | undefined;
  /** Whether whoever asks is shown the metrics. */
  readonly metricsOpen: boolean;
}

/** Nobody is asked who they are. */
export const NO_AUTH: Auth = {
  tokens: undefined,
  rpcCaller: undefined,
  rpcAllow: [],
  rate: undefined,
  metricsOpen: false,
};

/** Whether it is asked who makes a request. */
export function asksWho({ tokens, issuer, byPlugins }: Pick<Auth, 'tokens' | 'issuer' | 'byPlugins'>): boolean {
  return tokens !== undefined || issuer !== undefined || byPlugins === true;
}

export const TLS_CLIENTS = ['required', 'optional'] as const;

/** Files of both interfaces' TLS, in PEM. */
export interface TlsFiles {
  /** The certificate, and those between it and its authority. */
  readonly cert: string;
  readonly key: string;
  /** Authorities of whose certificates clients bring one; undefined: none is asked for. */
  readonly clientCa: string | undefined;
  /** Whether they must. */
  readonly client: (typeof TLS_CLIENTS)[number];
}

export const UI_MODES = ['on', 'read-only', 'off'] as const;
/** What there is of the dashboard. */
export type UiMode = (typeof UI_MODES)[number];

/** What browsers are let do over HTTP. */
export interface Web {
  /** Of whose pages scripts may make requests and read the answers: `https://HOST[:PORT]`. */
  readonly corsOrigins: readonly string[];
  /** Names with a dot in them, besides this machine's, by which HTTP may be asked. */
  readonly allowedHosts: readonly string[];
  /** Networks of proxies whose word on who sent a request counts, `ADDRESS/BITS`. */
  readonly trustedProxies: readonly string[];
  /** What paths begin with before those proxies; '': nothing. */
  readonly basePath: string;
}

/** Who signs tokens that say who somebody is: JSON Web Tokens. */
export interface IssuerConfig {
  /** By which URL it calls itself. */
  readonly url: string;
  /** Whom its tokens must be meant for. */
  readonly audience: string;
  /** URL or file of its keys; undefined: it says where. */
  readonly jwks: string | undefined;
  /** The claim that says what somebody may do. */
  readonly claim: string;
}

/** How people sign in at the issuer, in a browser: OpenID Connect. */
export interface OpenIdConfig {
  /** By which URL the issuer calls itself. */
  readonly issuer: string;
  /** What it knows this daemon by. */
  readonly clientId: string;
  /** The file of what it knows it by besides; undefined: nothing. */
  readonly secretFile: string | undefined;
  /** What it is asked to say of them. */
  readonly scopes: string;
}

export interface MetricsConfig {
  /** Of so many work specs each has series of its own; the others have some together. */
  readonly maxSpecs: number;
}

export interface Limits {
  /** Largest CBOR-RPC message and REST body, in bytes. */
  readonly maxMessageBytes: number;
  /** Most connections open at once on one listening address. */
  readonly maxConnections: number;
  /** Most bytes of unfinished messages, and of unread answers, kept at once for the clients of one address. */
  readonly maxBufferedBytes: number;
  /** Most bytes of memory to hold before nothing more is added. */
  readonly maxMemoryBytes: number;
  /** Most bytes for what is kept of the past of all work specs, where that is in memory. */
  readonly historyMemoryBytes: number;
  /** Most REST requests worked on at once. */
  readonly maxRequests: number;
  /** How long a client may leave a message unfinished, or its answers unread. */
  readonly stallTimeout: Micros;
  /** How long a CBOR-RPC connection may say nothing; undefined: for ever. */
  readonly idleTimeout: Micros | undefined;
}

/**
 * What the daemon was told to be: validated and frozen, made once by `loadConfig`. The class is the token under which
 * it is injected; nothing else reads the environment or the command line.
 */
export abstract class Config {
  abstract readonly backend: Backend;
  abstract readonly cborRpc: ListenAddress;
  abstract readonly http: ListenAddress;
  /** The namespace in which CBOR-RPC clients work. */
  abstract readonly namespace: string;
  /** What get_config hands out, undefined when there is none. */
  abstract readonly clientConfig: ClientConfig | undefined;
  /** Files and packages of plug-ins, as they were given. */
  abstract readonly plugins: readonly string[];
  abstract readonly auth: Auth;
  abstract readonly web: Web;
  abstract readonly ui: UiMode;
  /** Whether the program that started the daemon may set its clock. */
  abstract readonly testClock: boolean;
  /** Undefined: nothing is encrypted. */
  abstract readonly tls: TlsFiles | undefined;
  abstract readonly log: LogConfig;
  abstract readonly retention: RetentionPolicy;
  abstract readonly limits: Limits;
  abstract readonly metrics: MetricsConfig;
}
