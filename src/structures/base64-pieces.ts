/** Of so many bytes, three for four characters. */
const PIECE = 24 * 1024;

/** The JSON of bytes in base64, in pieces of some ten kilobytes. */
export function* base64Pieces(data: Uint8Array): Generator<string> {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  yield '"';
  for (let at = 0; at < bytes.length; at += PIECE) yield bytes.toString('base64', at, at + PIECE);
  yield '"';
}
