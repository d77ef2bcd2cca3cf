// Fills a daemon with an example: specs in every state, units by the hundred thousand, failures of several causes, and workers that go
// on working until this process ends. node seed.mjs URL [NAMESPACE] [--still] [--small]
// node seed.mjs --hour has a daemon of its own, in which all of that has gone on for an hour, and says where it is.
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { connect, Worker } from 'coordinate-client';
import { startCoordinate } from 'coordinate-client/testing';

const hour = process.argv.includes('--hour')
  ? await startCoordinate({ program: join(import.meta.dirname, '../../../dist/main.js') })
  : undefined;
const [url = hour?.url ?? 'http://127.0.0.1:5980', namespace = 'photos'] = process.argv
  .slice(2)
  .filter((one) => !one.startsWith('--'));
// At once: workers would come to the end of what they do first.
process.once('SIGTERM', () => void Promise.resolve(hour?.stop()).finally(() => process.exit()));
const isStill = process.argv.includes('--still');
/** How much of it there is: for tests a little is enough. */
const SHARE = process.argv.includes('--small') ? 0.02 : 1;
const coordinate = connect(url, { namespace });

const SPECS = {
  fetch: { then: 'resize', max_retries: 5 },
  resize: { then: 'classify', weight: 40 },
  classify: { then: 'index', max_running: 12, min_gb: 4 },
  index: {},
  'send-mail': { priority: 10 },
  thumbnails: { weight: 10 },
  sweep: { flow: { schedule: { cron: '*/5 * * * *', timezone: 'Europe/Berlin' } } },
  'nightly-report': { continuous: true, interval: 3600 },
  archive: {},
  'translate-captions': {},
};
const ADDED = {
  fetch: 60_000,
  resize: 20_000,
  classify: 4_000,
  index: 9_000,
  'send-mail': 3_000,
  thumbnails: 30_000,
  archive: 12_000,
};
const CAUSES = [
  'ConnectionError: no answer from 10.0.0.7 within 30 s',
  'ValueError: picture 4711.jpg is 0 bytes long',
  'KeyError: "caption"',
  'TimeoutError: storage did not answer',
  'MemoryError',
];

const MINUTE_MS = 60_000;
/** For so many minutes it has gone on, where it has. */
const MINUTES = 58;
const BEGUN = Date.now() - MINUTES * MINUTE_MS;
await hour?.clock.set(new Date(BEGUN));
for (const [name, definition] of Object.entries(SPECS)) {
  await coordinate.spec(name).set({ module: 'photos.work', run_function: name.replaceAll('-', '_'), ...definition });
}
for (const [name, count] of Object.entries(ADDED)) {
  await coordinate.spec(name).add(
    (function* () {
      for (let i = 0; i < count * SHARE; i++) {
        const unit = `${name}/2026/${String(i % 12).padStart(2, '0')}/${String(i).padStart(6, '0')}.jpg`;
        yield {
          name: unit,
          data: { url: `https://photos.example.org/${i}.jpg`, width: 640 + (i % 7) * 160, tags: ['a', 'b'] },
        };
      }
    })(),
  );
}
await coordinate.spec('archive').pause();
await coordinate.spec('thumbnails').setPriority(5, { limit: 100 });

/** Of which specs units have been done, in how many batches, and how many of a hundred failed. */
const DONE = { fetch: [70, 2], resize: [16, 1], index: [18, 0], 'send-mail': [6, 30] };

/** A batch of units for a worker that ends all of them, as such that have been at it for a while have. @returns what ends them */
async function claimed(name, units, batch, failing) {
  const worker = coordinate.worker(`batch-${name}`);
  const attempts = await worker.claim({ units, specs: [name] });
  return () =>
    worker.finish(
      attempts.map((attempt, i) => {
        const hasFailed = (i * 7 + batch) % 100 < failing;
        const traceback = `Traceback (most recent call last):\n  File "work.py", line 12, in run\n${CAUSES[(i * i + batch) % CAUSES.length]}`;
        return hasFailed
          ? { attempt, outcome: 'failed', data: { traceback } }
          : { attempt, outcome: 'finished', data: { output: [] } };
      }),
    );
}

/** Sets the clock of the daemon to each minute of the last hour, and does then what is to be done in it. */
async function doForAnHour({ clock }, begun) {
  // So much of all is done until the end of a minute: now more, now less.
  const partUntil = (minute) => (minute + 3 * (1 - Math.cos(minute / 5))) / (MINUTES + 3 * (1 - Math.cos(MINUTES / 5)));
  for (let minute = 0; minute < MINUTES; minute++) {
    await clock.set(new Date(begun + minute * MINUTE_MS));
    const ends = [await claimed('sweep', 5, 0, 0)];
    for (const [name, [batches, failing]] of Object.entries(DONE)) {
      const units = Math.round(500 * batches * partUntil(minute + 1)) - Math.round(500 * batches * partUntil(minute));
      if (units > 0) ends.push(await claimed(name, units, minute, failing));
    }
    for (const [at, end] of ends.entries()) {
      await clock.set(new Date(begun + minute * MINUTE_MS + (at + 1) * 7_000));
      await end();
    }
  }
  await clock.set(new Date());
}

if (hour !== undefined) {
  await doForAnHour(hour, BEGUN);
  console.log(`HTTP on ${url}`);
} else {
  for (const [name, [batches, failing]] of Object.entries(DONE)) {
    for (let batch = 0; batch < batches; batch++) await (await claimed(name, 500 * SHARE, batch, failing))();
  }
}
console.log('seeded');
if (isStill) process.exit(0);

/** How long units take, in milliseconds: so long that a little is enough, and as long as in the hour before, where there is one. */
const pace = SHARE === 1 && hour === undefined ? 1 : 100;
const tempo = { fetch: 40 * pace, resize: 25 * pace, classify: 300 * pace, index: 15 * pace, 'send-mail': 80 * pace };
await coordinate.worker('rack-7').update({ mode: 'RUN', lifetime: '1h' });
for (const host of ['cruncher-1', 'cruncher-2', 'cruncher-3']) {
  const handlers = Object.fromEntries(
    Object.entries(tempo).map(([name, ms]) => [
      name,
      async ({ name: unit }) => {
        await pause(ms * (0.5 + Math.random()));
        if (name === 'send-mail' && Math.random() < 0.2) throw new Error(`no answer for ${unit}`);
        return {};
      },
    ]),
  );
  const worker = new Worker(coordinate, handlers, { concurrency: 12, name: host });
  void worker.run();
  await coordinate.worker(host).update({ parent: 'rack-7', lifetime: '1h' });
}
