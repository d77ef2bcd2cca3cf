import { RestError, shorten } from '../errors/rest-error.js';
import { decodePathPart, encodeByteName } from '../names.js';

const PERCENT = 0x25;
const ESCAPE = /%([0-9A-Fa-f]{2})/g;

/**
 * Brings every part of a path into the one spelling of names, so that routes see characters that need no decoding:
 * percent-encoding stands for bytes (`%2F` for a slash inside a name, `%FF` for a byte that is no text), which the router
 * would take for text. A path that is not percent-encoded right is left alone; the router refuses it.
 */
export function canonicalUrl(url: string): string {
  const queryAt = url.indexOf('?');
  const pathEnd = queryAt < 0 ? url.length : queryAt;
  const percentAt = url.indexOf('%');
  if (percentAt < 0 || percentAt >= pathEnd) return hasHighChar(url, pathEnd) ? rewrite(url, pathEnd) : url;
  return rewrite(url, pathEnd);
}

function rewrite(url: string, pathEnd: number): string {
  const path = url.slice(0, pathEnd);
  if (!isWellEncoded(path)) return url;
  return path.split('/').map(canonicalPart).join('/') + url.slice(pathEnd);
}

function canonicalPart(part: string): string {
  if (!part.includes('%') && !hasHighChar(part, part.length)) return part;
  const bytes = percentDecode(part);
  if (bytes === '') return '-';
  if (bytes.charCodeAt(0) !== 0x2d) return encodeByteName(bytes);
  // What begins with - is in the encoding of paths already, or wrong; then it stays so that it is refused by name.
  return decodePathPart(bytes) === undefined ? encodeURIComponent(bytes) : bytes;
}

/** What the router refuses a path for. */
const FAULTS: Readonly<Record<string, readonly [status: number, reason: string]>> = {
  FST_ERR_BAD_URL: [400, 'is not percent-encoded'],
  FST_ERR_MAX_PARAM_LENGTH: [414, 'has a part that is longer than any name'],
};

/** An error of the router's as one that says what is wrong with the path; any other as it is. */
export function pathFault(error: Error & { code?: string }, url: string): Error {
  const fault = FAULTS[error.code ?? ''];
  if (!fault) return error;
  const [status, reason] = fault;
  return new RestError(status, `the path ${reason}`, [{ field: 'path', value: shorten(url), reason }]);
}

/** The bytes of a percent-encoded text, one char each. */
export function percentDecode(text: string): string {
  if (!text.includes('%')) return text;
  return text.replace(ESCAPE, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}

/** Whether every % begins an escape. */
export function isWellEncoded(text: string): boolean {
  for (let i = text.indexOf('%'); i >= 0; i = text.indexOf('%', i + 1)) {
    if (text.charCodeAt(i) !== PERCENT || !/^[0-9A-Fa-f]{2}$/.test(text.slice(i + 1, i + 3))) return false;
  }
  return true;
}

function hasHighChar(text: string, end: number): boolean {
  for (let i = 0; i < end; i++) if (text.charCodeAt(i) > 0x7f) return true;
  return false;
}
