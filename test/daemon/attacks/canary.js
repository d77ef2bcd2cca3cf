// Asks a daemon `now` again and again, in a process of its own, until its input ends: node canary.js PORT
// Prints the longest that an answer took, in milliseconds.
import { connect } from 'node:net';

/** `{id: 1, method: "now", params: []}` in its frame. */
const NOW = Buffer.from('d8185818a342696401466d6574686f64436e6f7746706172616d7380', 'hex');
const PAUSE_MS = 2;

const socket = connect({ port: Number(process.argv[2]), host: '127.0.0.1', noDelay: true });
let asked = Infinity;
let longest = 0;
const see = () => (longest = Math.max(longest, performance.now() - asked));
const ask = () => {
  asked = performance.now();
  socket.write(NOW);
};
socket.on('connect', () => {
  process.stdout.write('ready\n');
  ask();
});
// An answer to `now` is so short that it comes in one piece.
socket.on('data', () => {
  see();
  asked = Infinity;
  setTimeout(ask, PAUSE_MS);
});
process.stdin.resume().on('end', () => {
  see();
  process.stdout.write(`${longest}\n`, () => process.exit());
});
