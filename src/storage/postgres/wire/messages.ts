import type { Parameter, Sql, Statement } from './statement.js';

/**
 * Messages of PostgreSQL's extended query protocol, for several statements in one piece that a single Sync ends: the
 * server answers all of it at once, where a Sync per statement would cost a packet and a turn of the event loop each.
 */

/** What precedes a statement's parameters: preparing it, where this connection has not, and naming it. */
interface Head {
  /** Parse of the statement without a name, in front of each use. */
  readonly unnamed: Buffer;
  /** Close and Parse by its name; closing takes away what a first attempt that failed may have left. */
  readonly named: Buffer;
  readonly name: Buffer;
}

const heads = new WeakMap<Sql, Head>();

function headOf(sql: Sql): Head {
  let head = heads.get(sql);
  if (!head) {
    const close = message('C', Buffer.from(`S${sql.name}\0`));
    head = {
      unnamed: message('P', Buffer.from(`\0${sql.text}\0\0\0`)),
      named: Buffer.concat([close, message('P', Buffer.from(`${sql.name}\0${sql.text}\0\0\0`))]),
      name: Buffer.from(`${sql.name}\0`),
    };
    heads.set(sql, head);
  }
  return head;
}

function message(kind: string, body: Buffer): Buffer {
  const buffer = Buffer.alloc(5 + body.length);
  buffer.write(kind, 0, 'latin1');
  buffer.writeInt32BE(4 + body.length, 1);
  body.copy(buffer, 5);
  return buffer;
}

const UNNAMED = Buffer.from('\0');
const EXECUTE = message('E', Buffer.from('\0\0\0\0\0'));
const SYNC = message('S', Buffer.alloc(0));

/** What a parameter is sent as: a Buffer in binary, everything else as text. */
function contentOf(value: Parameter): Buffer | string | null {
  if (value === null || typeof value === 'string' || Buffer.isBuffer(value)) return value;
  return typeof value === 'boolean' ? (value ? 't' : 'f') : String(value);
}

/**
 * Encodes statements and the Sync that ends them.
 * @param prepared - what the connection has been told by name, to which this adds; undefined: nothing may have a name
 */
export function encodeStatements(statements: readonly Statement[], prepared: Set<string> | undefined): Buffer {
  const parts: {
    readonly parse: Buffer | undefined;
    readonly name: Buffer;
    readonly values: (Buffer | string | null)[];
  }[] = [];
  let size = SYNC.length;
  for (const { sql, values } of statements) {
    const head = headOf(sql);
    const isKnown = prepared?.has(sql.name);
    const parse = isKnown ? undefined : prepared ? head.named : head.unnamed;
    if (!isKnown) prepared?.add(sql.name);
    const name = prepared ? head.name : UNNAMED;
    const contents = values.map(contentOf);
    size += (parse?.length ?? 0) + bindSize(name, contents) + EXECUTE.length;
    parts.push({ parse, name, values: contents });
  }
  const buffer = Buffer.allocUnsafe(size);
  let at = 0;
  for (const { parse, name, values } of parts) {
    if (parse) at += parse.copy(buffer, at);
    at = writeBind(buffer, at, name, values);
    at += EXECUTE.copy(buffer, at);
  }
  SYNC.copy(buffer, at);
  return buffer;
}

function bindSize(name: Buffer, values: readonly (Buffer | string | null)[]): number {
  let size = 5 + 1 + name.length + 2 + 2 * values.length + 2 + 2;
  for (const value of values) {
    size += 4;
    if (value !== null) size += typeof value === 'string' ? Buffer.byteLength(value) : value.length;
  }
  return size;
}

function writeBind(buffer: Buffer, start: number, name: Buffer, values: readonly (Buffer | string | null)[]): number {
  buffer[start] = 0x42;
  let at = start + 5;
  // The portal has no name.
  buffer[at++] = 0;
  at += name.copy(buffer, at);
  at = buffer.writeInt16BE(values.length, at);
  for (const value of values) at = buffer.writeInt16BE(Buffer.isBuffer(value) ? 1 : 0, at);
  at = buffer.writeInt16BE(values.length, at);
  for (const value of values) {
    if (value === null) {
      at = buffer.writeInt32BE(-1, at);
      continue;
    }
    const length = typeof value === 'string' ? buffer.write(value, at + 4) : value.copy(buffer, at + 4);
    buffer.writeInt32BE(length, at);
    at += 4 + length;
  }
  // All columns of the result are to come as text.
  at = buffer.writeInt16BE(0, at);
  buffer.writeInt32BE(at - start - 1, start + 1);
  return at;
}
