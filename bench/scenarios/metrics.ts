import { type Bench, type Sample, sampleOf } from '../harness/bench.js';
import type { Server } from '../harness/server.js';
import { median } from '../report/row.js';
import { count, type Scenario } from './scenario.js';

const UNITS = 100_000;
const CONNECTIONS = 64;
const NO_METRICS = new URL('../limits/no-metrics.js', import.meta.url);

/** What node is started with. */
const COUNTING: readonly string[] = ['--import', `${NO_METRICS.href}?keep`];
const BARE: readonly string[] = ['--import', NO_METRICS.href];

/** Until what is run often is compiled. */
const WARM_UP = { seconds: 2, warmup: 0 };
/** So many of each kind in each round, so many turns of each of them, and so many seconds in each turn. */
const DAEMONS = 3;
const TURNS = 4;
const TURN = { seconds: 0.7, warmup: 0.2 };

/**
 * Ask for `--rounds 10`: what is measured is small. How fast a machine's memory is differs from one second to the next, so
 * that turns are short and go there and back again: with turns of 4 s two daemons that are the same differed by 10%, with these
 * by 4%. That much is with a process for as long as it lives, wherever its memory came to lie and in whichever order its code
 * was compiled, so that each round has new ones, several of each kind.
 */
export const metrics: Scenario = {
  name: 'metrics',
  title: 'Memory: what counting and timing cost, CPU per RPC with and without',
  askedFor: true,
  units: UNITS,
  async run(bench) {
    const counted: number[] = [];
    const uncounted: number[] = [];
    for (let round = 0; round < bench.options.rounds; round++) {
      const [withMetrics, without] = await measurePair(bench, round % 2 === 0);
      bench.say(`round ${round + 1}: ${withMetrics.toFixed(2)} against ${without.toFixed(2)} µs`);
      counted.push(withMetrics);
      uncounted.push(without);
    }
    const rounds = counted.map((cost, round) => cost / uncounted[round]);
    const where = `recycle, ${count(UNITS)} units, ${CONNECTIONS} connections`;
    return [
      { what: `${where}, without metrics`, value: median(uncounted), unit: 'µs of CPU per RPC' },
      {
        what: `${where}, with metrics`,
        value: median(counted),
        unit: 'µs of CPU per RPC',
        ratio: { value: median(rounds), of: 'without metrics', rounds },
        bar: { atMost: 1.05 },
      },
    ];
  },
};

/** @returns µs of CPU per RPC of daemons with and without metrics */
async function measurePair(bench: Bench, countingFirst: boolean): Promise<[number, number]> {
  const kinds = { counting: new Kind(COUNTING), bare: new Kind(BARE) };
  const order = countingFirst ? [kinds.counting, kinds.bare] : [kinds.bare, kinds.counting];
  const contenders: Contender[] = [];
  for (let daemon = 0; daemon < DAEMONS; daemon++) {
    for (const kind of order) contenders.push(await Contender.start(bench, kind));
    order.reverse();
  }
  for (const contender of contenders) await contender.warmUp();
  for (let turn = 0; turn < TURNS; turn++) {
    for (const contender of contenders) await contender.takeTurn();
    contenders.reverse();
  }
  await bench.stopAll();
  return [kinds.counting.microsPerRequest, kinds.bare.microsPerRequest];
}

/** What the daemons of one kind have spent in their turns. */
class Kind {
  micros = 0;
  requests = 0;

  constructor(readonly nodeFlags: readonly string[]) {}

  get microsPerRequest(): number {
    return this.micros / this.requests;
  }
}

class Contender {
  private constructor(
    private readonly bench: Bench,
    private readonly kind: Kind,
    private readonly server: Server,
  ) {}

  static async start(bench: Bench, kind: Kind): Promise<Contender> {
    const { nodeFlags } = kind;
    return new Contender(bench, kind, await bench.filledDaemon(UNITS, [], { nodeFlags }));
  }

  async warmUp(): Promise<void> {
    await this.drive(WARM_UP);
  }

  async takeTurn(): Promise<void> {
    const { cpu, group } = await this.drive(TURN);
    this.kind.micros += cpu.daemon * group.requests;
    this.kind.requests += group.requests;
  }

  private async drive(time: { seconds: number; warmup: number }): Promise<Sample> {
    const { port, pid } = this.server;
    const groups = [{ mode: 'recycle', connections: CONNECTIONS, port }] as const;
    return sampleOf(await this.bench.load({ groups, ...time, watch: { daemon: () => [pid] } }), 'requests');
  }
}
