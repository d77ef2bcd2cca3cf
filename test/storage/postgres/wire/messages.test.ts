import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeStatements } from '../../../../src/storage/postgres/wire/messages.js';
import type { Parameter } from '../../../../src/storage/postgres/wire/statement.js';
import { sql, statement } from '../../../../src/storage/postgres/wire/statement.js';

/** The messages of a stretch of bytes, read as a server does: a kind, a length that counts itself, a body. */
function messagesIn(bytes: Buffer): { kind: string; body: Buffer }[] {
  const messages: { kind: string; body: Buffer }[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = bytes.readInt32BE(at + 1);
    messages.push({ kind: bytes.latin1Slice(at, at + 1), body: bytes.subarray(at + 5, at + 1 + length) });
    at += 1 + length;
  }
  return messages;
}

const kinds = (bytes: Buffer) =>
  messagesIn(bytes)
    .map(({ kind }) => kind)
    .join('');

/** What a Bind says: portal, statement, and the parameters, binary ones as Buffers. */
function readBind(body: Buffer): { portal: string; name: string; values: (Buffer | string | null)[] } {
  let at = 0;
  const text = () => {
    const end = body.indexOf(0, at);
    const found = body.utf8Slice(at, end);
    at = end + 1;
    return found;
  };
  const int16 = () => body.readInt16BE((at += 2) - 2);
  const [portal, name] = [text(), text()];
  const formats = Array.from({ length: int16() }, int16);
  const values = Array.from({ length: int16() }, (_, i) => {
    const length = body.readInt32BE(at);
    at += 4;
    if (length < 0) return null;
    const value = body.subarray(at, (at += length));
    return formats[i] === 1 ? Buffer.from(value) : value.utf8Slice();
  });
  expect(int16()).toBe(0);
  expect(at).toBe(body.length);
  return { portal, name, values };
}

const first = sql('SELECT $1');
const second = sql('SELECT $1, $2');

describe('statements in one message', () => {
  it('are prepared when first used on a connection, and end with one Sync', () => {
    const prepared = new Set<string>();
    expect(kinds(encodeStatements([statement(first, 1), statement(second, 1, 2), statement(first, 2)], prepared))).toBe(
      'CPBECPBEBES',
    );
    expect(kinds(encodeStatements([statement(second, 1, 2)], prepared))).toBe('BES');
    prepared.clear();
    expect(kinds(encodeStatements([statement(second, 1, 2)], prepared))).toBe('CPBES');
  });

  it('have no names where a pooler would not know them again', () => {
    const messages = messagesIn(encodeStatements([statement(first, 1), statement(first, 2)], undefined));
    expect(messages.map(({ kind }) => kind).join('')).toBe('PBEPBES');
    expect(messages[0].body.utf8Slice()).toBe('\0SELECT $1\0\0\0');
    expect(readBind(messages[1].body).name).toBe('');
  });

  it('carry their parameters as they are', () => {
    const parameter = fc.oneof(
      fc.uint8Array().map((bytes) => Buffer.from(bytes)),
      fc.string({ unit: 'binary' }),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
    );
    fc.assert(
      fc.property(fc.array(fc.array(parameter, { maxLength: 20 }), { minLength: 1, maxLength: 5 }), (all) => {
        const bytes = encodeStatements(
          all.map((values) => statement(first, ...values)),
          new Set([first.name]),
        );
        const binds = messagesIn(bytes)
          .filter(({ kind }) => kind === 'B')
          .map(({ body }) => readBind(body));
        expect(binds).toEqual(all.map((values) => ({ portal: '', name: first.name, values: values.map(sent) })));
      }),
    );
  });
});

function sent(value: Parameter): Buffer | string | null {
  if (typeof value === 'boolean') return value ? 't' : 'f';
  return typeof value === 'number' ? String(value) : value;
}
