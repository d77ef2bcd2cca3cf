// What a failed stage of .ci/run says in its summary, made of all that it has written, which is on stdin:
//   node tools/what-failed.mjs <OUTPUT
// One line without colours: the first few tests that failed, each with the reason it gives, or what else speaks of a failure, or
// the last line there is.
import { readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';

/** In characters, which leaves room for the name of the stage. */
const WHOLE = 700;
const NAMED = 3;
const EACH = 400;

/** A test of vitest or of a script, of Go, of Python's unittest, of pytest, of Node. */
const FAILED_TEST = /^\s*(?:FAIL\s|--- FAIL: |(?:FAIL|ERROR): (?=test)|FAILED (?=\S+::)|✖ )\s*(?=\S)/;
/** Before what vitest has seen happen outside of its tests. */
const UNHANDLED = /⎯ (?:Unhandled (?:Rejection|Error)|Uncaught Exception) ⎯/;
/** What compilers, linters and uncaught errors write. */
const COMPLAINT = /\berror\b|[A-Za-z]Error\b|\bfailed\b|\[warn\]|\bnot ok\b|✖|×/i;

const lines = stripVTControlCharacters(readFileSync(0, 'utf8'))
  .split(/\r\n|[\r\n]/)
  .map((line) => line.trimEnd())
  .filter((line) => line !== '');

/** Cut to so many characters. */
const short = (text, most) => (text.length <= most ? text : `${text.slice(0, most - 1)}…`);
const plain = (line) => line.replace(/\s+/g, ' ').trim();

/** Of a property of fast-check, which has failed above that line: what repeats it, and the error in it. */
function ofProperty(from) {
  const [seed] = /\bseed: -?\d+/.exec(lines[from] ?? '') ?? [];
  if (!seed) return '';
  const cause = lines.slice(from).find((line) => /^\s*Caused by: /.test(line) || FAILED_TEST.test(line)) ?? '';
  return ` (${seed})${FAILED_TEST.test(cause) ? '' : ` ${plain(cause)}`}`;
}

/** Tests by their names in the order in which they are first said to have failed, each with its reason, if any. */
function failedTests() {
  const reasons = new Map();
  lines.forEach((line, index) => {
    const next = plain(lines[index + 1] ?? '');
    if (UNHANDLED.test(line)) reasons.set(next, '');
    if (!FAILED_TEST.test(line)) return;
    // The project of vitest says nothing that the file does not.
    const name = plain(line.replace(FAILED_TEST, '')).replace(/^\|?\w+\|? (?=\S+\.ts\b)/, '');
    if (!reasons.get(name)) reasons.set(name, /^\w*Error\b/.test(next) ? next + ofProperty(index + 2) : '');
  });
  return [...reasons].map(([name, reason]) => (reason === '' ? name : `${name}: ${reason}`));
}

function said() {
  const tests = failedTests();
  if (tests.length > 0) return tests;
  const complaints = lines.filter((line) => COMPLAINT.test(line)).map(plain);
  return complaints.length > 0 ? [...new Set(complaints)] : lines.slice(-1).map(plain);
}

const all = said();
const named = all.slice(0, NAMED).map((each) => short(each, EACH));
const more = all.length > NAMED ? `; ${all.length - NAMED} more` : '';
if (all.length > 0) console.log(short(named.join('; '), WHOLE - more.length) + more);
