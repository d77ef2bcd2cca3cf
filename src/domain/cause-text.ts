// What of a long text says why something failed, and what of that is the same each time. Everything here looks at each char
// once or twice, so that no text takes long, whoever wrote it.

/** What stands in the place of what differs from one failure to the next. */
const NUMBER = '<number>';
const HEX = '<hex>';
const QUOTED = '<text>';
const PATH = '<path>';

/** A cause has so many bytes of UTF-8 at most. */
export const MAX_CAUSE_BYTES = 300;
/** So many chars of a line are looked at. */
const MAX_LINE = 4096;
/** Hexadecimal digits without a prefix count as such from so many on. */
const HEX_DIGITS = 8;

const PYTHON = 'Traceback (most recent call last)';
const FRAME = '\n  File "';
const GROUP = '+ Exception Group Traceback';
const JAVA = 'Exception in thread "';

/**
 * The line that says why: of a Python traceback the last one, which names the exception; of one of Node, Go or Java, and of any other text,
 * the first. Of an exception whose message has several lines, the one that names it.
 * @param head the text, or so much of its beginning as is looked at @param tail the same of its end
 */
export function tellingLine(head: string, tail: string): string {
  if (head.includes(GROUP)) return groupLine(head) ?? firstLine(head, 0);
  if (head.includes(PYTHON) || head.includes(FRAME)) return pythonLine(tail);
  const first = firstLine(head, 0);
  if (first.startsWith(JAVA)) {
    const end = first.indexOf('" ', JAVA.length);
    return end < 0 ? first : first.slice(end + 2);
  }
  return crashLine(head, first) ?? first;
}

/** The first line from an offset on that is not blank. */
function firstLine(text: string, from: number): string {
  for (let start = from; start < text.length;) {
    const end = endOfLine(text, start);
    const line = text.slice(start, Math.min(end, start + MAX_LINE));
    if (line.trim() !== '') return line;
    start = end + 1;
  }
  return '';
}

function lastLine(text: string): string {
  for (let end = text.length; end > 0;) {
    const start = text.lastIndexOf('\n', end - 1) + 1;
    const line = text.slice(start, Math.min(end, start + MAX_LINE));
    if (line.trim() !== '') return line;
    end = start - 1;
  }
  return '';
}

function endOfLine(text: string, start: number): number {
  const end = text.indexOf('\n', start);
  return end < 0 ? text.length : end;
}

/** The line behind the last frame, with its source, which is indented. */
function pythonLine(text: string): string {
  const frame = text.lastIndexOf(FRAME);
  if (frame < 0) return lastLine(text);
  let start = endOfLine(text, frame + 1) + 1;
  while (start < text.length && (text[start] === ' ' || text[start] === '\t')) start = endOfLine(text, start) + 1;
  return firstLine(text, start) || lastLine(text);
}

/** In a group of exceptions every line has a bar before it; that of the group itself is the first that is no frame. */
function groupLine(text: string): string | undefined {
  for (let start = text.indexOf(GROUP); start < text.length; start = endOfLine(text, start) + 1) {
    if (text.startsWith('  | ', start) && text[start + 4] !== ' ') return firstLine(text, start + 4);
  }
  return undefined;
}

/** When Node ends by an error it says where first, shows that line with a caret below it, and then says why. */
function crashLine(text: string, first: string): string | undefined {
  if (!text.includes('^') || withPlaceholders(first) !== PATH) return undefined;
  const gap = text.indexOf('\n\n');
  return gap < 0 ? undefined : firstLine(text, gap) || undefined;
}

/**
 * A line with placeholders for numbers, hexadecimal numbers, what is quoted, and paths, so that the same mistake reads the same
 * whatever it was about. The name of an exception at its beginning keeps its digits.
 */
export function withPlaceholders(line: string): string {
  return new Placing(line.length > MAX_LINE ? line.slice(0, MAX_LINE) : line).run();
}

/** A text of one line: blanks and control characters as single spaces, no longer than a cause may be. */
export function plainLine(text: string): string {
  let line = '';
  for (let at = 0; at < text.length && line.length <= MAX_CAUSE_BYTES; at++) {
    if (!isBlank(text.charCodeAt(at))) line += text[at];
    else if (line !== '' && !line.endsWith(' ')) line += ' ';
  }
  return shortened(line.trimEnd());
}

/** So much of a text as a cause may have, and no half characters. */
function shortened(text: string): string {
  // A unit of UTF-16 has three bytes at most.
  if (text.length * 3 <= MAX_CAUSE_BYTES) return text.toWellFormed();
  const bytes = Buffer.from(text.slice(0, MAX_CAUSE_BYTES + 1), 'utf8');
  let end = Math.min(bytes.length, MAX_CAUSE_BYTES);
  if (end < bytes.length) while ((bytes[end] & 0xc0) === 0x80) end--;
  return bytes.utf8Slice(0, end).trimEnd();
}

class Placing {
  private out = '';
  private at = 0;
  /** Quotes, of which none closes from here on. */
  private unclosed = '';

  constructor(private readonly line: string) {}

  run(): string {
    const { line } = this;
    while (this.at < line.length && isBlank(line.charCodeAt(this.at))) this.takeBlank(line.charCodeAt(this.at));
    this.takeName();
    // What is written for one char has one at least, so that it ends soon.
    while (this.at < line.length && this.out.length <= MAX_CAUSE_BYTES) this.takeOne();
    return shortened(this.out.trimEnd());
  }

  /** `Http404: …` and `java.lang.Error` are names, whatever digits they have. */
  private takeName(): void {
    const { line, at } = this;
    if (!isLetter(line.charCodeAt(at))) return;
    let end = at;
    while (isWord(line.charCodeAt(end)) || line[end] === '.' || line[end] === '$') end++;
    const isEnded = end >= line.length || line[end] === '(' || (line[end] === ':' && isBlankAt(line, end + 1));
    if (!isEnded || isHexWord(line, at, end)) return;
    this.out = line.slice(at, end);
    this.at = end;
  }

  private takeOne(): void {
    const { line, at } = this;
    const code = line.charCodeAt(at);
    if (isBlank(code)) return this.takeBlank(code);
    if (isQuote(code)) return this.takeQuote();
    if (this.isAtToken && this.takePath()) return;
    if (isWord(code)) return this.takeWord();
    this.at++;
    const isSign = (code === MINUS || code === PLUS) && isDigit(line.charCodeAt(at + 1));
    if (!isSign || (at > 0 && isWord(line.charCodeAt(at - 1)))) this.out += line[at];
  }

  private takeBlank(code: number): void {
    const { line } = this;
    this.at++;
    if (code === ESCAPE && line[this.at] === '[') {
      // What sets a colour, with its end.
      while (++this.at < line.length && !isLetter(line.charCodeAt(this.at)));
      this.at++;
      return;
    }
    if (this.out !== '' && !this.out.endsWith(' ')) this.out += ' ';
  }

  /** An apostrophe in a word is no quote; `b'…'` is one. */
  private takeQuote(): void {
    const { line, at } = this;
    const opening = line[at];
    const isPrefixed = at > 0 && PREFIXES.includes(line[at - 1]) && (at === 1 || !isWord(line.charCodeAt(at - 2)));
    const isInWord = at > 0 && isWord(line.charCodeAt(at - 1)) && !isPrefixed;
    const end = isInWord ? -1 : this.closing(opening === '“' ? '”' : opening);
    if (end < 0) {
      this.out += opening;
      this.at++;
      return;
    }
    if (isPrefixed) this.out = this.out.slice(0, -1);
    this.out += QUOTED;
    this.at = end + 1;
  }

  /** Where what begins here is closed, at the end of a line that is longer than is looked at; -1: nowhere. */
  private closing(quote: string): number {
    const { line, at } = this;
    if (this.unclosed.includes(quote)) return -1;
    for (let end = line.indexOf(quote, at + 1); end >= 0; end = line.indexOf(quote, end + 1)) {
      let slashes = 0;
      while (line[end - 1 - slashes] === '\\' && end - 1 - slashes > at) slashes++;
      if (slashes % 2 === 0 && !isWord(line.charCodeAt(end + 1))) return end;
    }
    if (line.length === MAX_LINE) return MAX_LINE;
    this.unclosed += quote;
    return -1;
  }

  /** Whether something begins here that goes on to the next blank, bracket or the like. */
  private get isAtToken(): boolean {
    return this.at === 0 || isDelimiter(this.line.charCodeAt(this.at - 1));
  }

  private takePath(): boolean {
    const { line, at } = this;
    let end = at;
    let isPlain = true;
    for (; end < line.length; end++) {
      const code = line.charCodeAt(end);
      if (isDelimiter(code)) break;
      if (code === SLASH || code === BACKSLASH) isPlain = false;
    }
    if (isPlain) return false;
    const scheme = line.slice(at, end).indexOf('://');
    if (scheme > 0) while (end < line.length && !isBlank(line.charCodeAt(end)) && !ENDS_URL.includes(line[end])) end++;
    while (end > at && ENDS_PATH.includes(line[end - 1])) end--;
    if (!isPath(line.slice(at, end), scheme)) return false;
    this.out += PATH;
    this.at = end;
    return true;
  }

  private takeWord(): void {
    const { line, at } = this;
    // The first hyphen tells soon that most words are none.
    if (line.charCodeAt(at + 8) === MINUS && UUID.test(line.slice(at, at + 36)) && !isWord(line.charCodeAt(at + 36))) {
      this.out += HEX;
      this.at += 36;
      return;
    }
    let end = at;
    while (isWord(line.charCodeAt(end))) end++;
    if (isHexWord(line, at, end)) {
      this.out += HEX;
      this.at = end;
      return;
    }
    while (this.at < end) {
      let digits = this.at;
      while (digits < end && isDigit(line.charCodeAt(digits))) digits++;
      if (digits > this.at) {
        this.out += NUMBER;
        // The rest of 1.5, 1,000 and 10.0.0.1.
        while (digits === end && (line[end] === '.' || line[end] === ',') && isDigit(line.charCodeAt(end + 1))) {
          end++;
          while (isDigit(line.charCodeAt(end))) end++;
          digits = end;
        }
        this.at = digits;
      } else {
        const from = this.at;
        while (this.at < end && !isDigit(line.charCodeAt(this.at))) this.at++;
        this.out += line.slice(from, this.at);
      }
    }
  }
}

const ESCAPE = 0x1b;
const PLUS = 0x2b;
const MINUS = 0x2d;
const SLASH = 0x2f;
const BACKSLASH = 0x5c;
const PREFIXES = 'bBuUrRfF';
const ENDS_URL = '\'"`“”<>)';
const ENDS_PATH = '.:!?';
/** It looks at 36 chars and no more. */
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

function isPath(token: string, scheme: number): boolean {
  if (token.length < 2) return false;
  if (scheme > 0) return true;
  const first = token.indexOf('/');
  if (first < 0)
    return token.startsWith('\\\\') || (token[1] === ':' && token[2] === '\\' && isLetter(token.charCodeAt(0)));
  if (token.startsWith('./') || token.startsWith('../') || token.startsWith('~/')) return true;
  if (!hasLetter(token)) return false;
  if (first === 0 || (first === 2 && token[1] === ':')) return true;
  // One slash may be that of `and/or`; a file has an ending.
  const last = token.lastIndexOf('/');
  const dot = token.lastIndexOf('.');
  return last > first || (dot > last + 1 && isLetter(token.charCodeAt(dot + 1)));
}

function hasLetter(token: string): boolean {
  for (let at = 0; at < token.length; at++) if (isLetter(token.charCodeAt(at))) return true;
  return false;
}

/** `0x1f`, or digits and letters of which there are enough. */
function isHexWord(line: string, start: number, end: number): boolean {
  const isMarked = line[start] === '0' && (line[start + 1] === 'x' || line[start + 1] === 'X') && end > start + 2;
  if (!isMarked && end - start < HEX_DIGITS) return false;
  let digits = 0;
  for (let at = isMarked ? start + 2 : start; at < end; at++) {
    const code = line.charCodeAt(at);
    if (isDigit(code)) digits++;
    else if (!isHexLetter(code)) return false;
  }
  return isMarked || (digits > 0 && digits < end - start);
}

function isBlankAt(line: string, at: number): boolean {
  return at >= line.length || isBlank(line.charCodeAt(at));
}

// What a char is, by bits: every char of a message is asked for several of them.
const BLANK = 1;
const DIGIT = 2;
const LETTER = 4;
const HEX_LETTER = 8;
const WORD = 16;
const QUOTE = 32;
const DELIMITER = 64;

/** Of the chars up to 0xff; of those above some few are no letters. */
const CLASSES = Uint8Array.from({ length: 0x100 }, (_, code) => classOf(String.fromCharCode(code), code));
const OTHER_CLASSES: ReadonlyMap<number, number> = new Map(
  [...'“”\u2028\u2029'].map((char) => [char.charCodeAt(0), classOf(char, char.charCodeAt(0))]),
);
const ANY_LETTER = LETTER | WORD;

function classOf(char: string, code: number): number {
  // Blanks, control characters, and what ends a line.
  const isBlankChar = code <= 0x20 || (code >= 0x7f && code <= 0xa0) || code === 0x2028 || code === 0x2029;
  const isDigitChar = /[0-9]/.test(char);
  const isLetterChar = /[a-z]/i.test(char) || code > 0xa0;
  return (
    (isBlankChar ? BLANK | DELIMITER : 0) |
    (isDigitChar ? DIGIT : 0) |
    (isLetterChar ? LETTER : 0) |
    (/[a-f]/i.test(char) ? HEX_LETTER : 0) |
    (isDigitChar || isLetterChar || char === '_' ? WORD : 0) |
    ('\'"`“'.includes(char) ? QUOTE : 0) |
    ('\'"`“”()[]{}<>,;|='.includes(char) ? DELIMITER : 0)
  );
}

/** Where there is no char any more, a code is NaN, which is of no class. */
function is(code: number, classes: number): boolean {
  if (code < CLASSES.length) return (CLASSES[code] & classes) !== 0;
  return code >= CLASSES.length && ((OTHER_CLASSES.get(code) ?? ANY_LETTER) & classes) !== 0;
}

function isBlank(code: number): boolean {
  return is(code, BLANK);
}

function isDigit(code: number): boolean {
  return is(code, DIGIT);
}

function isHexLetter(code: number): boolean {
  return is(code, HEX_LETTER);
}

function isLetter(code: number): boolean {
  return is(code, LETTER);
}

function isWord(code: number): boolean {
  return is(code, WORD);
}

function isQuote(code: number): boolean {
  return is(code, QUOTE);
}

function isDelimiter(code: number): boolean {
  return is(code, DELIMITER);
}
