/** A worker process. Usage: worker.js URL NAME FLAKY. */
import process from 'node:process';
import { connect, Worker } from 'coordinate-client';
import { NAMESPACE } from './specs.js';
import { steps } from './steps.js';

const [url, name, flaky] = process.argv.slice(2);
const coordinate = connect(url, { namespace: NAMESPACE });
await new Worker(coordinate, steps(coordinate, Number(flaky)), { name, lease: '10s', concurrency: 4 }).run();
coordinate.close();
