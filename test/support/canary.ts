import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { request } from '../cbor-rpc/client.js';

/** By the clock of all threads: each has a `performance` that counts from when it began. */
const NOW = `performance.timeOrigin + performance.now()`;

const SOURCE = `
const { connect } = require('node:net');
const { parentPort, workerData: { port, message, shared } } = require('node:worker_threads');
const socket = connect({ port, host: '127.0.0.1', noDelay: true });
const ask = () => { shared[2] = ${NOW}; socket.write(message); };
socket.on('connect', ask);
socket.on('data', () => {
  shared[0] = Math.max(shared[0], ${NOW} - shared[2]);
  shared[2] = 0;
  if (shared[1]++ === 0) parentPort.postMessage('answered');
  setTimeout(ask, 2);
});`;

/** Asks a daemon for `now` all the time, one request after another, in a thread of its own. */
export class Canary {
  private constructor(
    /** The longest that an answer took, how many there were, when was asked what is not yet answered. */
    private readonly shared: Float64Array,
    private readonly worker: Worker,
  ) {}

  /**
   * Resolves with the first answer.
   *
   * @param port - that of CBOR-RPC
   */
  static async start(port: number): Promise<Canary> {
    const shared = new Float64Array(new SharedArrayBuffer(24));
    const workerData = { port, message: request(1, 'now', []), shared };
    const worker = new Worker(SOURCE, { eval: true, workerData });
    await once(worker, 'message');
    const canary = new Canary(shared, worker);
    canary.take();
    return canary;
  }

  /** The longest that an answer took since this was last called, in milliseconds; and how many answers there were. */
  take(): { longest: number; answers: number } {
    const [longest, answers, asked] = this.shared;
    this.shared.fill(0, 0, 2);
    const waiting = asked === 0 ? 0 : performance.timeOrigin + performance.now() - asked;
    return { longest: Math.max(longest, waiting), answers };
  }

  async stop(): Promise<void> {
    await this.worker.terminate();
  }
}
