/** A worker process: claims units, does them, reports. Usage: worker.js URL NAME PARENT. SIGTERM lets it finish what it has. */
import process from 'node:process';
import { connect, type UnitOfWork, Worker } from 'coordinate-client';
import { SPECS } from './queue.js';
import { type Content, TASKS } from './tasks.js';

const LEASE = '2s';

const [url, name, parent] = process.argv.slice(2);
const coordinate = connect(url);
const specs = new Map<string, Content>();
const handlers = Object.fromEntries(SPECS.map((spec) => [spec, work]));

// So that whoever looks at the workers sees which belong together.
await coordinate.worker(name).update({ parent });
await new Worker(coordinate, handlers, { name, lease: LEASE }).run();
coordinate.close();

/** Does one unit; what it returns is what the unit is finished with. */
async function work(unit: UnitOfWork): Promise<Content> {
  const spec = await specNamed(unit.spec);
  return TASKS[String(spec.task)]({ spec: unit.spec, key: String(unit.name), data: unit.data }, spec);
}

async function specNamed(called: string): Promise<Content> {
  const known = specs.get(called);
  if (known !== undefined) return known;
  const spec = await coordinate.spec(called).get<Content>();
  specs.set(called, spec);
  return spec;
}
