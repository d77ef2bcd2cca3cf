import { float, meant } from './meant.js';

/** Whether `JSON.parse` would lose something of it, or it spells out what JSON has nothing for. */
const DIFFICULT = /\d{16}|\.0+(?!\d)|\d[eE]|-0|"\$/;

const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y; // eslint-disable-line no-control-regex -- JSON allows none of them
const SPACE = /[ \t\r\n]*/y;

/** Reads JSON with integers of any size exactly, and floats as floats even if they are whole. @throws SyntaxError */
export function exactJson(text: string): unknown {
  if (!DIFFICULT.test(text)) return JSON.parse(text) as unknown;
  // It says what is wrong better than what is below, which reads nothing but JSON.
  JSON.parse(text);
  return meant(new Reader(text).value());
}

class Reader {
  private at = 0;

  constructor(private readonly text: string) {}

  value(): unknown {
    this.match(SPACE);
    switch (this.text[this.at]) {
      case '{':
        return this.object();
      case '[':
        return this.array();
      case '"':
        return JSON.parse(this.match(STRING)[0]);
      case 't':
        return this.word('true', true);
      case 'f':
        return this.word('false', false);
      case 'n':
        return this.word('null', null);
      default:
        return this.number();
    }
  }

  private object(): unknown {
    const object = Object.create(null) as Record<string, unknown>;
    this.at++;
    while (this.next() !== '}') {
      if (this.text[this.at] === ',') this.at++;
      this.match(SPACE);
      const key = JSON.parse(this.match(STRING)[0]) as string;
      this.next();
      this.at++;
      object[key] = this.value();
    }
    this.at++;
    return object;
  }

  private array(): unknown {
    const items: unknown[] = [];
    this.at++;
    while (this.next() !== ']') {
      if (this.text[this.at] === ',') this.at++;
      items.push(this.value());
    }
    this.at++;
    return items;
  }

  private number(): unknown {
    const [text, fraction, exponent] = this.match(NUMBER);
    if (text === '-0') return -0;
    return fraction === undefined && exponent === undefined ? BigInt(text) : float(Number(text));
  }

  private word<T>(word: string, value: T): T {
    this.at += word.length;
    return value;
  }

  /** The next character that is no space. */
  private next(): string {
    this.match(SPACE);
    return this.text[this.at];
  }

  private match(what: RegExp): RegExpExecArray {
    what.lastIndex = this.at;
    const found = what.exec(this.text);
    if (!found) throw new SyntaxError(`not JSON at character ${this.at}`);
    this.at = what.lastIndex;
    return found;
  }
}
