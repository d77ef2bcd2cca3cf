import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { request } from '../cbor-rpc/client.js';

/** By the clock of all threads: each has a `performance` that counts from when it began. */
const NOW = `performance.timeOrigin + performance.now()`;

const SOURCE = `
const { readFileSync } = require('node:fs');
const { connect } = require('node:net');
const { parentPort, workerData: { port, pid, message, shared } } = require('node:worker_threads');
const socket = connect({ port, host: '127.0.0.1', noDelay: true });
const withoutCore = () => {
  if (pid === 0) return 0;
  return Number(readFileSync('/proc/' + pid + '/task/' + pid + '/schedstat', 'latin1').split(' ')[1]) / 1e6;
};
let before;
const ask = () => { before = withoutCore(); shared[2] = ${NOW}; socket.write(message); };
socket.on('connect', ask);
socket.on('data', () => {
  const took = ${NOW} - shared[2];
  if (took > shared[0]) { shared[0] = took; shared[3] = withoutCore() - before; }
  shared[2] = 0;
  if (shared[1]++ === 0) parentPort.postMessage('answered');
  setTimeout(ask, 2);
});`;

/** Asks a daemon for `now` all the time, one request after another, in a thread of its own. */
export class Canary {
  private constructor(
    /**
     * The longest that an answer took, how many there were, when was asked what is not yet answered, how much of the longest the daemon
     * waited for a core.
     */
    private readonly shared: Float64Array,
    private readonly worker: Worker,
  ) {}

  /**
   * Resolves with the first answer.
   *
   * @param port - that of CBOR-RPC
   * @param pid - of the daemon, where it is to be known for how much of the longest wait the system had no core for it (Linux)
   */
  static async start(port: number, pid = 0): Promise<Canary> {
    const shared = new Float64Array(new SharedArrayBuffer(32));
    const workerData = { port, pid, message: request(1, 'now', []), shared };
    const worker = new Worker(SOURCE, { eval: true, workerData });
    await once(worker, 'message');
    const canary = new Canary(shared, worker);
    canary.take();
    return canary;
  }

  /**
   * The longest that an answer took since this was last called, in milliseconds, and how much of that the daemon waited for a core; and
   * how many answers there were.
   */
  take(): { longest: number; withoutCore: number; answers: number } {
    const [longest, answers, asked, withoutCore] = this.shared;
    this.shared.fill(0, 0, 2);
    const waiting = asked === 0 ? 0 : performance.timeOrigin + performance.now() - asked;
    return { longest: Math.max(longest, waiting), withoutCore: waiting > longest ? 0 : withoutCore, answers };
  }

  async stop(): Promise<void> {
    await this.worker.terminate();
  }
}
