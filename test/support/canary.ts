import { Worker } from 'node:worker_threads';
import { request } from '../cbor-rpc/client.js';

const SOURCE = `
const { connect } = require('node:net');
const { workerData: { port, message, shared } } = require('node:worker_threads');
const socket = connect({ port, host: '127.0.0.1', noDelay: true });
let asked = 0;
const ask = () => { asked = performance.now(); socket.write(message); };
socket.on('connect', ask);
socket.on('data', () => {
  shared[0] = Math.max(shared[0], performance.now() - asked);
  shared[1]++;
  if (shared[2]) socket.destroy();
  else setTimeout(ask, 2);
});`;

/** Asks a daemon for `now` all the time, one request after another, in a thread of its own. */
export class Canary {
  private readonly shared = new Float64Array(new SharedArrayBuffer(24));
  private readonly worker: Worker;

  /** @param port - that of CBOR-RPC */
  constructor(port: number) {
    const workerData = { port, message: request(1, 'now', []), shared: this.shared };
    this.worker = new Worker(SOURCE, { eval: true, workerData });
  }

  /** The longest that an answer took since this was last called, in milliseconds; and how many answers there were. */
  take(): { longest: number; answers: number } {
    const [longest, answers] = this.shared;
    this.shared.fill(0, 0, 2);
    return { longest, answers };
  }

  async stop(): Promise<void> {
    this.shared[2] = 1;
    await this.worker.terminate();
  }
}
