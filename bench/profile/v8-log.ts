/** Where in a piece of code which function is at work: from `offset` on, the one of that number among those inlined. */
interface Position {
  readonly offset: number;
  /** -1: the function itself. */
  readonly inlined: number;
}

/** Machine code that V8 has made of a function, with what it has inlined. */
interface Code {
  readonly start: number;
  readonly end: number;
  /** Of the function, with its file: `answer file:///…/dispatcher.js:52:9`. */
  readonly name: string;
  positions: readonly Position[];
  /** By number: the name, and the number of the one that it was inlined into, -1: the function itself. */
  inlined: readonly { readonly name: string; readonly into: number }[];
}

/** What happened to code at a moment, in microseconds since the log began. */
type Event = (codes: CodeMap) => void;

/**
 * Reads what `node --log-code --log-source-position` writes: which code there was when. Unlike the list of names that
 * --perf-basic-prof writes, it tells what was inlined where, and addresses that were used again from before.
 */
export function readV8Log(log: string): CodeHistory {
  const events: { at: number; apply: Event }[] = [];
  const names = new Map<string, string>();
  let latest: Code | undefined;
  let at = 0;
  for (const line of log.split('\n')) {
    const [kind, ...fields] = line.split(',');
    if (kind === 'code-creation' && fields[0] !== 'Builtin' && fields[0] !== 'BytecodeHandler') {
      const [, , time, address, size, name, shared] = fields;
      const start = Number(address);
      const code: Code = { start, end: start + Number(size), name, positions: [], inlined: [] };
      at = Number(time);
      latest = code;
      if (shared) names.set(shared, name);
      events.push({ at, apply: (codes) => codes.put(code) });
    } else if (kind === 'code-source-info' && latest?.start === Number(fields[0])) {
      const [, , , , positions, inlining, functions] = fields;
      latest.positions = readPositions(positions);
      latest.inlined = readInlining(inlining, functions, names);
    } else if (kind === 'code-move') {
      const [from, to] = fields.map(Number);
      events.push({ at, apply: (codes) => codes.move(from, to) });
    } else if (kind === 'sfi-move') {
      const name = names.get(fields[0]);
      if (name !== undefined) names.set(fields[1], name);
    }
  }
  return new CodeHistory(events);
}

/** `C0O118C12O140I0…`: offset in the code, place in the source, and the number of what was inlined there. */
function readPositions(text: string): Position[] {
  return [...text.matchAll(/C(\d+)O-?\d+(?:I(\d+))?/g)].map(([, offset, inlined]) => {
    return { offset: Number(offset), inlined: inlined === undefined ? -1 : Number(inlined) };
  });
}

/** `F0O118F1O20I0…`: function, place of the call, and what that is in itself; `S0x…S0x…`: the functions by number. */
function readInlining(inlining: string, functions: string, names: ReadonlyMap<string, string>): Code['inlined'] {
  const shared = [...functions.matchAll(/S(0x[0-9a-f]+)/g)].map(([, address]) => names.get(address) ?? '');
  return [...inlining.matchAll(/F(\d*)O-?\d+(?:I(\d+))?/g)].map(([, index, into]) => {
    return { name: index === '' ? '' : (shared[Number(index)] ?? ''), into: into === undefined ? -1 : Number(into) };
  });
}

/** The code there was, to be asked about moments one after another. */
export class CodeHistory {
  private readonly codes = new CodeMap();
  private next = 0;

  constructor(private readonly events: readonly { readonly at: number; readonly apply: Event }[]) {}

  /**
   * The functions at work at an address, from the innermost outwards, those inlined included; none where V8 has put none.
   * @param moment in microseconds since the log began
   */
  find(address: number, moment: number): string[] {
    while (this.next < this.events.length && this.events[this.next].at <= moment) {
      this.events[this.next++].apply(this.codes);
    }
    const code = this.codes.at(address);
    if (code === undefined) return [];
    let inlined = -1;
    for (const position of code.positions) {
      if (position.offset > address - code.start) break;
      inlined = position.inlined;
    }
    const found: string[] = [];
    for (; inlined >= 0; inlined = code.inlined[inlined].into) found.push(code.inlined[inlined].name);
    return [...found, code.name];
  }
}

/** Code by address. */
class CodeMap {
  private readonly live: Code[] = [];

  at(address: number): Code | undefined {
    const code = this.live[this.firstBehind(address) - 1];
    return code !== undefined && address < code.end ? code : undefined;
  }

  /** In place of all that was there before. */
  put(code: Code): void {
    let from = this.firstBehind(code.start);
    if (from > 0 && this.live[from - 1].end > code.start) from--;
    let to = from;
    while (to < this.live.length && this.live[to].start < code.end) to++;
    this.live.splice(from, to - from, code);
  }

  move(from: number, to: number): void {
    const code = this.at(from);
    if (code?.start !== from) return;
    this.live.splice(this.live.indexOf(code), 1);
    this.put({ ...code, start: to, end: to + code.end - code.start });
  }

  /** The index of the first code that begins behind an address. */
  private firstBehind(address: number): number {
    let low = 0;
    let high = this.live.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.live[middle].start <= address) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
