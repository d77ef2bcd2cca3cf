import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodePathPart,
  encodeByteName,
  encodeTextName,
  MAX_PATH_PART,
  PATH_PART_PATTERN,
  readable,
  readByteName,
  readTextName,
} from '../../src/rest/names.js';
import { canonicalUrl } from '../../src/rest/http/request-path.js';

const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array).latin1Slice());
const text = fc.string({ unit: 'binary', maxLength: 40 }).filter((one) => one.isWellFormed());
const percentEncoded = (name: string): string =>
  [...name].map((char) => `%${char.charCodeAt(0).toString(16).padStart(2, '0')}`).join('');

describe('names in paths', () => {
  it.each([
    ['', '-'],
    ['-', '-LQ'],
    ['a', 'a'],
    ['a:b.c_d-e', 'a:b.c_d-e'],
    ['.', '-Lg'],
    ['..', '-Li4'],
    ['...', '...'],
    ['a b', '-YSBi'],
    ['\xff', '-_w'],
    ['a/b', '-YS9i'],
  ])('spells %j as %s', (name, part) => {
    expect(encodeByteName(name)).toBe(part);
    expect(decodePathPart(part)).toBe(name);
  });

  it('gives every name a part of safe characters that leads back to it', () => {
    fc.assert(
      fc.property(bytes, (name) => {
        const part = encodeByteName(name);
        expect(part).toMatch(new RegExp(PATH_PART_PATTERN));
        expect(readByteName('unit', part)).toBe(name);
      }),
    );
    fc.assert(fc.property(text, (name) => readTextName('spec', encodeTextName(name)) === name));
  });

  it('has a pattern that leaves out what a client would take for a step up the path', () => {
    const pattern = new RegExp(PATH_PART_PATTERN);
    expect(['.', '..', '', 'a/b', 'a b', '-='].filter((part) => pattern.test(part))).toEqual([]);
    expect(['...', '.a', '..a', '.-', ':', '-', '-_w', 'a..'].filter((part) => !pattern.test(part))).toEqual([]);
  });

  it('has room for the longest name', () => {
    expect(encodeByteName('\xff'.repeat(1024)).length).toBe(MAX_PATH_PART);
  });

  it.each(['-A', '-LQ=', '-L Q', '-*', '-LR', '-+w'])('refuses %j, which is not base64url', (part) => {
    expect(() => readByteName('unit', part)).toThrow('unit is not base64url');
  });

  it('refuses names that are too long, and names of text that are not UTF-8', () => {
    expect(() => readByteName('unit', 'a'.repeat(1025))).toThrow('1025 bytes');
    expect(() => readTextName('spec', '-_w')).toThrow('spec is not UTF-8');
    expect(() => readTextName('spec', '\xff')).toThrow('spec is not UTF-8');
  });

  it('shows bytes that are no text as U+FFFD', () => {
    expect(readable('a\xff')).toBe('a\ufffd');
  });
});

describe('paths of requests', () => {
  it('come to one spelling, however a name is percent-encoded', () => {
    fc.assert(
      fc.property(
        bytes.filter((name) => name !== '' && !name.startsWith('-')),
        (name) => {
          expect(canonicalUrl(`/namespace/${percentEncoded(name)}/worker?x=%20`)).toBe(
            `/namespace/${encodeByteName(name)}/worker?x=%20`,
          );
        },
      ),
    );
    expect(canonicalUrl('/namespace/%2DLQ')).toBe('/namespace/-LQ');
    expect(canonicalUrl('/namespace/a%3Ab/')).toBe('/namespace/a:b/');
    expect(canonicalUrl('/namespace/caf\xc3\xa9')).toBe(`/namespace/${encodeTextName('café')}`);
  });

  it('leave alone what is not percent-encoded right', () => {
    expect(canonicalUrl('/namespace/%zz')).toBe('/namespace/%zz');
    expect(canonicalUrl('/namespace/a%2')).toBe('/namespace/a%2');
  });
});
