import type { Environment } from './environment.js';
import { ValueError } from './errors.js';
import { stateFolder } from './state-folder.js';

/** Where the daemon keeps its state. */
export type Backend =
  | { readonly kind: 'memory' }
  /** A connection URL with user, host, port and database filled in. It may hold a password: show `describeBackend`. */
  | { readonly kind: 'postgres'; readonly url: string }
  /** A PostgreSQL that the daemon runs itself, its data in `dir`. */
  | { readonly kind: 'embedded'; readonly dir: string }
  /** Another daemon; with what is in a file as its token, and the authorities of another to trust in. */
  | { readonly kind: 'http'; readonly url: string; readonly tokenFile?: string; readonly caFile?: string }
  /** One that a plug-in brings, with what is said behind its name and a colon. It may hold a password, as above. */
  | { readonly kind: 'plugin'; readonly name: string; readonly rest: string };

/** What to say of a text that names none. */
export const NO_SUCH_BACKEND =
  'is none of memory, embedded[:DIR], postgres:, postgres://HOST/DATABASE and http://HOST:PORT/';

const OWN_SCHEMES: ReadonlySet<string> = new Set(['memory', 'embedded', 'postgres', 'postgresql', 'http', 'https']);

/** Whether a plug-in may bring a backend of that name. */
export function mayBePlugged(name: string): boolean {
  return /^[a-z][a-z\d-]*$/.test(name) && !OWN_SCHEMES.has(name);
}

/**
 * @param env - the libpq variables PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE and PGSSLMODE complete what a
 * PostgreSQL URL leaves out; those that name the user's folders decide where `embedded` keeps its data
 * @param hasPlugins - whether there are plug-ins, which may bring others
 */
export function parseBackend(text: string, env: Environment, hasPlugins = false): Backend {
  const [scheme] = text.split(':', 1);
  const rest = text.slice(scheme.length + 1);
  switch (scheme) {
    case 'memory':
      if (text === 'memory') return { kind: 'memory' };
      break;
    case 'embedded':
      if (text === 'embedded') return { kind: 'embedded', dir: stateFolder(env) };
      if (rest !== '') return { kind: 'embedded', dir: rest };
      break;
    case 'postgres':
    case 'postgresql':
      if (text !== scheme) return { kind: 'postgres', url: completePostgresUrl(rest, env) };
      break;
    case 'http':
    case 'https':
      if (rest.startsWith('//') && URL.canParse(text)) return { kind: 'http', url: new URL(text).href };
      break;
  }
  if (hasPlugins && mayBePlugged(scheme)) return { kind: 'plugin', name: scheme, rest };
  // The text is not shown: it may be a mistyped URL with a password in it.
  throw new ValueError(NO_SUCH_BACKEND);
}

/** @param rest - what follows `postgres:` */
function completePostgresUrl(rest: string, env: Environment): string {
  const { userinfo, host, port, database, query } = splitPostgresUrl(rest);
  const [user, password] = userinfo;
  const credentials = [
    user || encodeURIComponent(env.PGUSER || 'postgres'),
    password || encodeURIComponent(env.PGPASSWORD || ''),
  ];
  const parameters = new URLSearchParams(query);
  if (env.PGSSLMODE && !parameters.has('sslmode')) parameters.set('sslmode', env.PGSSLMODE);
  const authority =
    credentials.filter(Boolean).join(':') +
    '@' +
    (host || encodeHost(env.PGHOST || 'localhost')) +
    ':' +
    (port || env.PGPORT || '5432');
  const path = database || encodeURIComponent(env.PGDATABASE || 'postgres');
  const url = `postgres://${authority}/${path}${parameters.size > 0 ? `?${parameters.toString()}` : ''}`;
  if (!URL.canParse(url)) throw new ValueError('is not a PostgreSQL URL (or PGHOST, PGPORT are not usable)');
  return url;
}

function splitPostgresUrl(rest: string) {
  // By hand rather than by URL, which refuses a user without a host; parts stay percent-encoded as they are.
  const pattern =
    /^(?:\/\/(?:(?<user>[^:@/?#]*)(?::(?<password>[^@/?#]*))?@)?(?<host>\[[^\]]*\]|[^:@/?#]*)(?::(?<port>\d*))?)?(?:\/(?<database>[^/?#]*))?(?:\?(?<query>[^#]*))?$/;
  const groups = pattern.exec(rest)?.groups;
  if (groups === undefined)
    throw new ValueError('is not a PostgreSQL URL: postgres://USER:PASSWORD@HOST:PORT/DATABASE');
  const { user = '', password = '', host = '', port = '', database = '', query = '' } = groups;
  for (const part of [user, password, host, database]) checkPercents(part);
  return { userinfo: [user, password], host, port, database, query };
}

function checkPercents(part: string): void {
  try {
    decodeURIComponent(part);
  } catch {
    throw new ValueError('is not a PostgreSQL URL: a % that stands for itself is written %25');
  }
}

/** A folder of Unix sockets is percent-encoded, an IPv6 address put in brackets. */
function encodeHost(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host.replaceAll('/', '%2F');
}

/** For people, without the password. */
export function describeBackend(backend: Backend): string {
  switch (backend.kind) {
    case 'memory':
      return 'memory';
    case 'embedded':
      return `embedded:${backend.dir}`;
    case 'plugin':
      return backend.name;
    default: {
      const url = new URL(backend.url);
      return `${url.protocol}//${url.username && `${url.username}@`}${url.host}${url.pathname}`;
    }
  }
}

/** As `-backend` takes it, complete, with `***` in place of every password. */
export function maskBackend(backend: Backend): string {
  if (backend.kind === 'memory' || backend.kind === 'embedded') return describeBackend(backend);
  const text = backend.kind === 'plugin' ? `${backend.name}${backend.rest && `:${backend.rest}`}` : backend.url;
  if (backend.kind === 'plugin' && !(backend.rest.startsWith('//') && URL.canParse(text))) return text;
  const url = new URL(text);
  if (url.password !== '') url.password = '***';
  for (const name of new Set(url.searchParams.keys())) {
    if (/password|secret|token|key$/i.test(name)) url.searchParams.set(name, '***');
  }
  return url.href;
}
