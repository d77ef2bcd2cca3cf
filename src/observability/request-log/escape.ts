/**
 * Text of a client's making for a line that people and simple parsers read, escaped as Apache does since 2.0.46: quotation
 * marks and backslashes by a backslash, everything but printable ASCII as the `\xhh` of its UTF-8 bytes.
 */
export function escape(text: string): string {
  if (/^[ !#-[\]-~]*$/.test(text)) return text;
  return Buffer.from(text, 'utf8')
    .latin1Slice()
    .replaceAll(/["\\]/g, '\\$&')
    .replaceAll(/[^ -~]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
