import { LocalClock, type Micros, type Random, type Repositories } from 'coordinate-daemon/backend';
import { type BackendHarness, describeContract, type OpenBackend, RecordingObserver } from 'coordinate-daemon/contract';
import { memoryRepositories } from 'coordinate-daemon/memory';
import { distant } from '../src/distant.js';

/** A clock that stands still until it is set. */
class StillClock extends LocalClock {
  time: Micros = 0;

  override now(): Micros {
    return this.time;
  }
}

class OpenDistant implements OpenBackend {
  private readonly clock = new StillClock();
  private random: Random = () => 0;
  readonly observer = new RecordingObserver();
  repositories = this.fresh();

  private fresh(): Repositories {
    return distant(memoryRepositories(this.clock, { random: () => this.random(), observers: this.observer }), 0);
  }

  async setClock(now: Micros): Promise<void> {
    this.clock.time = now;
  }

  setRandom(random: Random): void {
    this.random = random;
  }

  async reset(): Promise<void> {
    this.repositories = this.fresh();
  }

  async close(): Promise<void> {}
}

const harness: BackendHarness = {
  name: 'distant',
  lacks: {
    sharing: 'it is there for one daemon',
    outages: 'it is there as long as the process is',
  },
  open: async () => new OpenDistant(),
};

describeContract(harness);
