import { Char } from './json-reader.js';

/** So many chars of a long string are read in one go. */
const PIECE = 16 * 1024;

export interface PieceOfString {
  /** Offset of the char behind it: the closing quote of the last piece. */
  readonly end: number;
  readonly isLast: boolean;
  /** What it says; undefined where the string is not well formed. */
  readonly says: string | undefined;
}

/** The piece of a JSON string that begins at an offset. No escape is cut. */
export function pieceOfString(text: string, from: number): PieceOfString {
  const most = Math.min(from + PIECE, text.length);
  let isPlain = true;
  let end = from;
  while (end < most) {
    const char = text.charCodeAt(end);
    if (char === Char.Quote) break;
    if (char === Char.Backslash) {
      isPlain = false;
      end += text[end + 1] === 'u' ? 6 : 2;
    } else {
      if (char < 0x20) isPlain = false;
      end++;
    }
  }
  if (end >= text.length) return { end, isLast: true, says: undefined };
  const written = text.slice(from, end);
  return { end, isLast: text.charCodeAt(end) === Char.Quote, says: isPlain ? written : parsed(written) };
}

function parsed(written: string): string | undefined {
  try {
    return JSON.parse(`"${written}"`) as string;
  } catch {
    return undefined;
  }
}
