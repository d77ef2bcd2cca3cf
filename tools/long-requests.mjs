// What very long requests take, and how long others wait meanwhile, on a daemon that has nothing else to do:
//   node tools/long-requests.mjs CBORRPC [OUTPUTS]     (npm run build before)
// One unit with so many outputs (400,000 by default) is finished, as many are added in one call, deleted by their status, and
// 5,000 paths are locked, while one client reports on other units and another asks `now`. Its specs are deleted at the end.
import { CborRpcClient, UnitState } from 'coordinate-client';

const [address = '127.0.0.1:5932', count = '400000'] = process.argv.slice(2);
const OUTPUTS = Number(count);
const client = new CborRpcClient({ address, timeout: 3_600_000 });
const other = new CborRpcClient({ address, timeout: 3_600_000 });
const third = new CborRpcClient({ address, timeout: 3_600_000 });
const names = (prefix, length) => Array.from({ length }, (_, index) => `${prefix}${index}`);

await client.call('set_work_spec', { name: 'measured-next' });
await client.call('set_work_spec', { name: 'measured', then: 'measured-next' });

/** Does something long while others go on, and tells how long it and they took, in milliseconds. */
async function measure(what, long) {
  const short = names('short', 2000);
  await client.call(
    'add_work_units',
    'measured',
    short.map((name) => [name, {}]),
  );
  let isOver = false;
  let reports = 0;
  const longest = { report: 0, now: 0 };
  const repeat = async (kind, each) => {
    for (let round = 0; !isOver && round < short.length; round++) {
      const begun = performance.now();
      await each(short[round]);
      longest[kind] = Math.max(longest[kind], performance.now() - begun);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  const others = [
    repeat('report', async (name) => {
      await other.call('update_work_unit', 'measured', name, { status: UnitState.finished });
      reports++;
    }),
    repeat('now', () => third.call('now')),
  ];
  const begun = performance.now();
  await long();
  const took = performance.now() - begun;
  isOver = true;
  await Promise.all(others);
  const [report, now, whole] = [longest.report, longest.now, took].map(Math.round);
  console.log(`${what}: ${whole} ms; ${reports} reports meanwhile, the longest ${report} ms; now at most ${now} ms`);
}

await client.call('add_work_units', 'measured', [['long', {}]]);
const data = { output: names('out', OUTPUTS) };
await measure(`${OUTPUTS} outputs of one unit`, () =>
  client.call('update_work_unit', 'measured', 'long', { status: UnitState.finished, data }),
);
const units = names('added', OUTPUTS).map((name) => [name, {}]);
await measure(`${OUTPUTS} units added`, () => client.call('add_work_units', 'measured-next', units));
await measure('those of one status deleted', () =>
  client.call('del_work_units', 'measured-next', { state: UnitState.available }),
);
const keys = names('key', 5000).map((name) => ['measured', name]);
await measure('5000 paths locked', () => client.call('lock', 'measure', 60, keys));
await measure('5000 paths released', () => client.call('unlock', 'measure', keys));

await client.call('del_work_spec', 'measured');
await client.call('del_work_spec', 'measured-next');
for (const each of [client, other, third]) each.close();
