// Fills a daemon with an example: specs in every state, units by the hundred thousand, failures of several causes, and workers that go
// on working until this process ends. node seed.mjs URL [NAMESPACE] [--still] [--small]
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { connect, Worker } from 'coordinate-client';

const [url = 'http://127.0.0.1:5980', namespace = 'photos'] = process.argv
  .slice(2)
  .filter((one) => !one.startsWith('--'));
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

/** Ends very many at once, as workers that have been at it for a while have. */
async function work(name, batches, failing) {
  const worker = coordinate.worker(`batch-${name}`);
  for (let batch = 0; batch < batches; batch++) {
    const attempts = await worker.claim({ units: 500 * SHARE, specs: [name] });
    if (attempts.length === 0) return;
    await worker.finish(
      attempts.map((attempt, i) => {
        const hasFailed = (i * 7 + batch) % 100 < failing;
        const traceback = `Traceback (most recent call last):\n  File "work.py", line 12, in run\n${CAUSES[(i * i + batch) % CAUSES.length]}`;
        return hasFailed
          ? { attempt, outcome: 'failed', data: { traceback } }
          : { attempt, outcome: 'finished', data: { output: [] } };
      }),
    );
  }
}
await work('fetch', 70, 2);
await work('resize', 16, 1);
await work('index', 18, 0);
await work('send-mail', 4, 30);
console.log('seeded');
if (isStill) process.exit(0);

const tempo = { fetch: 40, resize: 25, classify: 300, index: 15, 'send-mail': 80 };
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
}
