import { beforeAll, describe, expect, it, vi } from 'vitest';
import { fakeRest, type Fate } from '../fake-rest.js';
import { builtClient, Lines } from './built.js';

let client: Awaited<ReturnType<typeof builtClient>>;
beforeAll(async () => {
  client = await builtClient();
});

/** An attempt as a daemon would give it. */
function attempt(number: number): object {
  const unit = `/namespace/-/work_spec/s/work_unit/u${number}`;
  return {
    url: `${unit}/attempt/w/${number}`,
    work_unit_url: unit,
    worker_url: '/namespace/-/worker/w',
    namespace: '',
    work_spec: 's',
    work_unit: `u${number}`,
    worker: 'w',
    start: String(number),
    start_time: '2026-01-01T00:00:00Z',
    expiration_time: '2026-01-01T00:02:00Z',
    end_time: '0001-01-01T00:00:00Z',
    status: 'pending',
    data: {},
  };
}

describe('a worker and a daemon that does not do its part', () => {
  it('does not spin where nobody waits though it asks to, and asks for no more than it has room for', async () => {
    const daemon = await fakeRest(({ url }) =>
      url.includes('request_attempts') ? { body: { attempts: [] } } : { status: 204 },
    );
    const coordinate = client.connect(daemon.url);
    const worker = new client.Worker(coordinate, { s: () => undefined }, { signals: false, concurrency: 3 });
    const whole = worker.run();
    const asked = () => daemon.calls.filter(({ url }) => url.includes('request_attempts'));
    await vi.waitFor(() => expect(asked().length).toBeGreaterThanOrEqual(4), 60_000);
    const [first, last] = [performance.now(), asked().length];
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    // By then at most so many fit between, whose pauses are at least 100 ms.
    expect(asked().length - last).toBeLessThanOrEqual((performance.now() - first) / 100 + 1);
    expect(asked()[0].body).toMatchObject({ number_of_work_units: 3, work_specs: ['s'], wait: 25e9, lifetime: 120e9 });
    await worker.stop();
    await whole;
    coordinate.close();
    await daemon.close();
  });

  it('goes on after 503, 429, answers that are lost and nonsense, and gives back what it never heard of', async () => {
    const outcomes: unknown[] = [];
    let claims = 0;
    const fates: Fate[] = [
      { status: 503, headers: { 'retry-after': '0' }, body: { error: 'error', message: 'storage unavailable' } },
      { status: 429, headers: { 'retry-after': '0' }, body: { error: 'error', message: 'too many' } },
      'cut',
      { body: { attempts: [attempt(1)] } },
      { status: 500, body: { error: 'error', message: 'oops' } },
    ];
    let reports = 0;
    const daemon = await fakeRest(({ url, body }) => {
      if (url.includes('request_attempts')) return fates[claims++] ?? { body: { attempts: [] } };
      if (url.includes('active_attempts')) return { body: { attempts: [attempt(7)] } };
      if (!url.includes('finish_attempts')) return { status: 204 };
      const { attempts } = body as { attempts: { url: string; outcome: string }[] };
      // The first report of the unit is refused for now, then its answer is lost.
      if (attempts[0].outcome === 'finished' && ++reports <= 2) return reports === 1 ? { status: 503 } : 'cut';
      outcomes.push(...attempts.map((each) => [each.url.split('/').at(-1), each.outcome]));
      return { body: { results: attempts.map((each) => ({ url: each.url, status: each.outcome })) } };
    });
    const coordinate = client.connect(daemon.url);
    const log = new Lines();
    const worker = new client.Worker(coordinate, { s: () => ({ done: true }) }, { signals: false, log });
    void worker.run();
    await vi.waitFor(() => expect(claims).toBeGreaterThanOrEqual(6), 60_000);
    await vi.waitFor(() => expect(outcomes).toHaveLength(3), 60_000);
    await worker.stop();
    // After the cut and after the 500, either of which may have claimed.
    expect(outcomes).toEqual(
      expect.arrayContaining([
        ['7', 'expired'],
        ['1', 'finished'],
      ]),
    );
    expect(log.lines.filter(({ message }) => message === 'finished')).toHaveLength(1);
    coordinate.close();
    await daemon.close();
  });

  it('isolates a report that is refused', async () => {
    const reported: unknown[] = [];
    let claims = 0;
    const daemon = await fakeRest(({ url, body }) => {
      if (url.includes('request_attempts')) {
        return { body: { attempts: claims++ === 0 ? [1, 2, 3, 4, 5].map(attempt) : [] } };
      }
      if (!url.includes('finish_attempts')) return { status: 204 };
      const { attempts } = body as { attempts: { url: string; outcome: string; data?: { bad?: boolean } }[] };
      if (attempts.some(({ data }) => data?.bad))
        return { status: 413, body: { error: 'error', message: 'too large' } };
      reported.push(...attempts.map((each) => [each.url.split('/').at(-1), each.outcome]));
      return { body: { results: attempts.map((each) => ({ url: each.url, status: each.outcome })) } };
    });
    const coordinate = client.connect(daemon.url);
    const worker = new client.Worker(coordinate, { s: ({ name }) => ({ bad: name === 'u3' }) }, { signals: false });
    void worker.run();
    await vi.waitFor(() => expect(reported).toHaveLength(5), 60_000);
    await worker.stop();
    expect(reported.sort()).toEqual([
      ['1', 'finished'],
      ['2', 'finished'],
      ['3', 'failed'],
      ['4', 'finished'],
      ['5', 'finished'],
    ]);
    coordinate.close();
    await daemon.close();
  });
});
