import { ByteString } from '../cbor/index.js';

/**
 * A message as clients get it: a byte string of ASCII. Other characters are escaped as Python writes them (`\xfc`,
 * `\u20ac`, `\U0001f600`): Python 2 clients join messages with byte strings, and break on anything else.
 */
export function asciiMessage(text: string): ByteString {
  return new ByteString(escapeNonAscii(text));
}

function escapeNonAscii(text: string): string {
  // eslint-disable-next-line no-control-regex -- ASCII with its control characters is what may stay
  return text.replaceAll(/[^\x00-\x7f]/gu, (character) => {
    const code = character.codePointAt(0)!;
    const hex = code.toString(16);
    if (code <= 0xff) return `\\x${hex}`;
    return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
  });
}
