import { isIP, isIPv6 } from 'node:net';
import { InvalidValueError } from '../domain/errors.js';
import { checkTextName } from '../domain/names.js';
import type { RetentionLimit } from '../domain/retention.js';
import { DAY, MILLISECOND, MINUTE, SECOND, type Micros } from '../domain/time.js';
import type { ListenAddress, Rate } from './config.js';
import { ValueError } from './errors.js';

const quoted = (text: string): string => JSON.stringify(text);

/** Flags without a value mean `true`; the words are those of Go's flag package and of YAML. */
export function parseBoolean(text: string): boolean {
  if (/^(?:true|t|yes|y|on|1)$/i.test(text)) return true;
  if (/^(?:false|f|no|n|off|0)$/i.test(text)) return false;
  throw new ValueError(`${quoted(text)} is neither true nor false`);
}

export function parseChoice<T extends string>(choices: readonly T[]): (text: string) => T {
  return (text) => {
    const choice = choices.find((each) => each === text);
    if (choice === undefined) throw new ValueError(`${quoted(text)} is not one of ${choices.join(', ')}`);
    return choice;
  };
}

export function parseNamespace(text: string): string {
  try {
    return checkTextName('the name', text);
  } catch (error) {
    throw error instanceof InvalidValueError ? new ValueError(error.message) : error;
  }
}

/** A file's name; the empty one is none. */
export function parsePath(text: string): string | undefined {
  return text === '' ? undefined : text;
}

/** What stands between commas; nothing is none. */
function parseList(text: string): string[] {
  return text.trim() === '' ? [] : text.split(',').map((part) => part.trim());
}

/** Files and packages of plug-ins, commas between. */
export function parsePlugins(text: string): readonly string[] {
  return parseList(text).filter((part) => part !== '');
}

/** Names of hosts, commas between, without ports; in small letters. */
export function parseHosts(text: string): readonly string[] {
  return parseList(text).map((host) => {
    if (!/^[\w-]+(\.[\w-]+)*\.?$/.test(host))
      throw new ValueError(`${quoted(host)} is not the name of a host, without port`);
    return host.toLowerCase();
  });
}

/** Origins as browsers write them, commas between. */
export function parseOrigins(text: string): readonly string[] {
  return parseList(text).map((origin) => {
    const url = URL.canParse(origin) ? new URL(origin) : undefined;
    if (
      url === undefined ||
      !/^https?:$/.test(url.protocol) ||
      `${url.origin}/` !== url.href ||
      url.origin !== origin
    ) {
      throw new ValueError(`${quoted(origin)} is not an origin such as https://dash.example.com`);
    }
    return origin;
  });
}

/** Whether a name or an address is this machine's own, which no other machine reaches. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** Where keys come from that say who somebody is: nobody between is to put others in their place. */
export function parseIssuer(text: string): string | undefined {
  if (text === '') return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isSafe =
    url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname.replace(/^\[|\]$/g, '')));
  if (url === undefined || !isSafe || url.username !== '' || url.password !== '') {
    throw new ValueError(`${quoted(text)} is not a URL with https://, or with http:// on this machine`);
  }
  return text;
}

/** The same, or a file. */
export function parseJwks(text: string): string | undefined {
  return /^[a-z]+:\/\//i.test(text) ? parseIssuer(text) : parsePath(text);
}

export function parseClaim(text: string): string {
  if (text === '') throw new ValueError('must not be empty');
  return text;
}

/** Scopes of OpenID Connect with spaces between them, `openid` always among them. */
export function parseScopes(text: string): string {
  const scopes = text.split(/\s+/).filter((scope) => scope !== '');
  const wrong = scopes.find((scope) => !/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope));
  if (wrong !== undefined) throw new ValueError(`${quoted(wrong)} is not a scope`);
  return [...new Set(['openid', ...scopes])].join(' ');
}

/** Networks, `ADDRESS/BITS` or an address alone, commas between. */
export function parseNetworks(text: string): readonly string[] {
  return parseList(text).map((network) => {
    const [, address = '', bits = '0'] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(network) ?? [];
    const version = isIP(address);
    if (version === 0 || Number(bits) > (version === 4 ? 32 : 128)) {
      throw new ValueError(`${quoted(network)} is not a network such as 10.0.0.0/8 or fd00::/8`);
    }
    return network;
  });
}

/** Where REST has paths of its own. */
const OWN_PATH = /^\/(namespace|summary|session|storage|dump|docs|openapi\.json|metrics|healthz|readyz|ui)(\/|$)/;

/** What paths begin with, without a slash at the end; '' and `/` are nothing. */
export function parseBasePath(text: string): string {
  const path = text.replace(/\/$/, '');
  if (path === '') return '';
  if (!/^(?:\/[\w.~-]+)+$/.test(path) || /\/\.\.?(\/|$)/.test(path)) {
    throw new ValueError(`${quoted(text)} is not a path such as /coordinate, of letters, digits and . _ ~ -`);
  }
  if (isOwnPath(path)) throw new ValueError(`${quoted(text)} is a path of REST itself`);
  return path;
}

/** Whether the daemon answers below such a path itself. */
export function isOwnPath(path: string): boolean {
  return OWN_PATH.test(path);
}

/** `HOST:PORT`, `:PORT` for all interfaces, `[IPV6]:PORT`, or `off`. */
export function parseAddress(text: string): ListenAddress {
  if (text === 'off') return 'off';
  const match = /^(?:\[(?<ipv6>[^\]]*)\]|(?<host>[\w.-]*)):(?<port>\d{1,5})$/.exec(text);
  const { ipv6, host = '', port } = match?.groups ?? {};
  if (port === undefined || (ipv6 !== undefined && !isIPv6(ipv6))) {
    throw new ValueError(`${quoted(text)} is not an address: HOST:PORT, :PORT, [IPV6]:PORT or off`);
  }
  if (Number(port) > 65_535) throw new ValueError(`port ${port} is above 65535`);
  return { host: ipv6 ?? host, port: Number(port) };
}

const RATE_UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };

/** `COUNT/s`, `/m` or `/h`, or `off`: undefined. */
export function parseRate(text: string): Rate | undefined {
  if (text === 'off') return undefined;
  const [, count, unit] = /^(\d{1,9})\/([smh])$/.exec(text) ?? [];
  if (count === undefined || Number(count) < 1) throw new ValueError(`${quoted(text)} is not a rate such as 1000/s`);
  return { text, requests: Number(count), perMs: RATE_UNITS[unit] };
}

const SIZE_UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
};

/** The largest size that a flag takes: well below what one Buffer can hold. */
const MAX_SIZE = 2 ** 31;
/** The least that the program needs for itself. */
export const MIN_MEMORY = 64 * 2 ** 20;

/** Bytes: a number, alone or with B, kB, MB, GB, KiB, MiB or GiB (case does not count). */
export function parseSize(text: string): number {
  const bytes = bytesOf(text);
  if (bytes < 1 || bytes > MAX_SIZE) throw new ValueError(`${quoted(text)} is not between 1 byte and 2 GiB`);
  return bytes;
}

/** Memory for all that is kept: more than one message may be, and not so little that the program itself would not fit. */
export function parseMemory(text: string): number {
  const bytes = bytesOf(text);
  if (bytes < MIN_MEMORY) throw new ValueError(`${quoted(text)} is less than 64 MiB`);
  return bytes;
}

function bytesOf(text: string): number {
  const [, digits, name = ''] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text) ?? [];
  const unit = SIZE_UNITS[name.toLowerCase()];
  if (digits === undefined || unit === undefined) throw new ValueError(`${quoted(text)} is not a size such as 64MiB`);
  return Math.floor(Number(digits) * unit);
}

export function parseCount(text: string): number {
  const count = /^\d+$/.test(text) ? Number(text) : NaN;
  if (!Number.isSafeInteger(count) || count < 1) throw new ValueError(`${quoted(text)} is not a whole number above 0`);
  return count;
}

const DURATION_UNITS: Readonly<Record<string, Micros>> = {
  us: 1,
  ms: MILLISECOND,
  s: SECOND,
  m: MINUTE,
  h: 60 * MINUTE,
  d: DAY,
  w: 7 * DAY,
};

/** Such as `90s`, `1h30m`, `7d`: numbers with us, ms, s, m, h, d or w, the sum of them. */
export function parseDuration(text: string): Micros {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(us|ms|[smhdw])/gy)];
  const length = parts.reduce((sum, [part]) => sum + part.length, 0);
  if (parts.length === 0 || length !== text.length)
    throw new ValueError(`${quoted(text)} is not a duration such as 2m`);
  const micros = Math.round(parts.reduce((sum, [, n, unit]) => sum + Number(n) * DURATION_UNITS[unit], 0));
  if (!Number.isSafeInteger(micros)) throw new ValueError(`${quoted(text)} is too long`);
  return micros;
}

/** A duration of more than nothing. */
export function parsePeriod(text: string): Micros {
  const period = parseDuration(text);
  if (period <= 0) throw new ValueError('must be longer than nothing');
  return period;
}

/** A duration of more than nothing, or `off`: undefined. */
export function parseTimeout(text: string): Micros | undefined {
  return text === 'off' ? undefined : parsePeriod(text);
}

/** `unlimited`, an age, a count, or both as `AGE,COUNT`. */
export function parseRetention(text: string): RetentionLimit {
  if (text === 'unlimited') return {};
  const limit: { age?: Micros; count?: number } = {};
  for (const part of text.split(',').map((each) => each.trim())) {
    const key = /^\d+$/.test(part) ? 'count' : 'age';
    if (limit[key] !== undefined) throw new ValueError(`${quoted(text)} names two ${key}s`);
    limit[key] = key === 'count' ? retainedCount(part) : retainedAge(part, text);
  }
  return limit;
}

function retainedCount(text: string): number {
  const count = Number(text);
  if (!Number.isSafeInteger(count)) throw new ValueError(`${quoted(text)} is too large`);
  return count;
}

function retainedAge(part: string, whole: string): Micros {
  try {
    return parseDuration(part);
  } catch {
    throw new ValueError(`${quoted(whole)} is neither unlimited, an age such as 7d, a count, nor AGE,COUNT`);
  }
}
