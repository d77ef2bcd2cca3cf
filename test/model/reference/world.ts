import { correctContinuous, correctRate, limitedUntil } from './rate.js';
import type { Data, RefAttempt, RefNamespace, RefSpec, RefStatus, RefUnit, RefWorker, RetryFields } from './state.js';
import { NEVER, QUARTER_HOUR } from './state.js';

/** A call that is refused, by the name of the error. */
export class Refused extends Error {}

/** All namespaces and the clock, and how things are found and what they read as. Everything goes over everything. */
export class RefWorld {
  namespaces: RefNamespace[] = [];
  now = 0;
  private events = 0;

  event(): number {
    return ++this.events;
  }

  /** Moves the clock, and lets every lease that has run out by then end. */
  moveTo(now: number): void {
    if (now < this.now) this.setBack(now);
    this.now = now;
    for (const attempt of this.allAttempts()) {
      if (attempt.status !== 'pending' || now < attempt.expiration) continue;
      const unit = this.unitOf(attempt)!;
      const lapse = unit.active === attempt ? attempt.onLapse : undefined;
      attempt.status = lapse?.fails ? 'failed' : 'expired';
      attempt.end = attempt.expiration;
      if (lapse) attempt.countedAt = this.event();
      if (unit.active !== attempt || lapse?.fails) continue;
      unit.active = undefined;
      if (lapse) unit.notBefore = attempt.expiration + lapse.pause;
      attempt.ranOut = this.event();
    }
  }

  /** What has taken effect stays so. Of specs nothing comes later than if the last of it had been now. */
  private setBack(now: number): void {
    for (const spec of this.namespaces.flatMap(({ specs }) => specs)) {
      for (const unit of spec.units) unit.isReady = this.status(unit) === 'available';
      const corrected = [correctContinuous(spec, now), correctRate(spec, now)];
      spec.isCorrected ||= corrected.includes(true);
    }
  }

  /** Every moment ahead at which something happens by itself. */
  momentsAhead(): number[] {
    const moments: number[] = [];
    for (const attempt of this.allAttempts()) if (attempt.status === 'pending') moments.push(attempt.expiration);
    for (const { specs, workers } of this.namespaces) {
      for (const spec of specs) {
        const { meta, units } = spec;
        moments.push(meta.nextContinuous, limitedUntil(spec, this.now) ?? NEVER, spec.slots?.next ?? NEVER);
        for (const { notBefore } of units) moments.push(notBefore);
      }
      for (const { expiration } of workers) moments.push(expiration);
    }
    return moments.filter((moment) => moment > this.now);
  }

  namespace(name: string): RefNamespace | undefined {
    return this.namespaces.find((namespace) => namespace.name === name);
  }

  ensureNamespace(name: string): RefNamespace {
    let namespace = this.namespace(name);
    if (!namespace) this.namespaces.push((namespace = { name, specs: [], workers: [] }));
    return namespace;
  }

  spec(namespace: string, name: string): RefSpec {
    const spec = this.namespace(namespace)?.specs.find((one) => one.name === name);
    if (!spec) throw new Refused('ErrNoSuchWorkSpec');
    return spec;
  }

  unit(namespace: string, spec: string, name: string): RefUnit {
    const unit = this.spec(namespace, spec).units.find((one) => one.name === name);
    if (!unit) throw new Refused('ErrNoSuchWorkUnit');
    return unit;
  }

  worker(namespace: string, name: string): RefWorker | undefined {
    return this.namespace(namespace)?.workers.find((one) => one.name === name);
  }

  ensureWorker(namespace: string, name: string, active = true): RefWorker {
    const known = this.worker(namespace, name);
    if (known) return known;
    const worker: RefWorker = {
      name,
      parent: undefined,
      mode: '',
      data: {},
      lastUpdate: this.now,
      expiration: active ? this.now + QUARTER_HOUR : this.now,
      deactivated: !active,
      reported: false,
      inactiveSince: active ? undefined : this.now,
      lastClaim: undefined,
      latestClaim: [],
    };
    this.ensureNamespace(namespace).workers.push(worker);
    return worker;
  }

  isActive(worker: RefWorker): boolean {
    return !worker.deactivated && this.now < worker.expiration;
  }

  children(namespace: string, parent: string): RefWorker[] {
    return (this.namespace(namespace)?.workers ?? []).filter((worker) => worker.parent === parent);
  }

  /** All attempts that there are, oldest first. */
  allAttempts(): RefAttempt[] {
    return this.namespaces
      .flatMap(({ specs }) => specs)
      .flatMap(({ units }) => units)
      .flatMap(({ attempts }) => attempts)
      .sort((a, b) => a.born - b.born);
  }

  attemptsOf(namespace: string, worker: string): RefAttempt[] {
    return this.allAttempts().filter((attempt) => attempt.namespace === namespace && attempt.worker === worker);
  }

  unitOf(attempt: RefAttempt): RefUnit | undefined {
    const specs = this.namespace(attempt.namespace)?.specs ?? [];
    return specs.flatMap(({ units }) => units).find(({ attempts }) => attempts.includes(attempt));
  }

  status(unit: RefUnit): 'available' | 'delayed' | 'pending' | 'finished' | 'failed' {
    if (unit.active?.status === 'cancelled') return 'failed';
    if (unit.active) return unit.active.status as 'pending' | 'finished' | 'failed';
    return unit.isReady || this.now >= unit.notBefore ? 'available' : 'delayed';
  }

  effectiveData(unit: RefUnit): Data {
    return (unit.active?.overruled ? undefined : unit.active?.own) ?? unit.data;
  }

  count(spec: RefSpec, status: string): number {
    return spec.units.filter((unit) => this.status(unit) === status).length;
  }

  /** Whether nothing of a spec is left to be done. */
  isAtRest(spec: RefSpec): boolean {
    return ['available', 'delayed', 'pending'].every((status) => this.count(spec, status) === 0);
  }

  /** Those that a spec comes after which are there and have something to be done. */
  waitedFor(namespace: RefNamespace, spec: RefSpec): string[] {
    const after = spec.fields.flow?.after ?? [];
    return after.filter((name) => namespace.specs.some((other) => other.name === name && !this.isAtRest(other)));
  }

  isLate(attempt: RefAttempt): boolean {
    const unit = this.unitOf(attempt)!;
    return attempt.status === 'expired' && attempt.ranOut !== undefined && unit.disturbed < attempt.ranOut;
  }

  /** How many attempts count against max_retries. */
  tries(unit: RefUnit): number {
    return unit.attempts.filter(({ born }) => born > unit.countedSince).length;
  }

  begin(namespace: string, spec: string, unit: RefUnit, worker: string, lifetime: number): RefAttempt {
    this.ensureWorker(namespace, worker);
    const attempt: RefAttempt = {
      born: this.event(),
      number: 0,
      namespace,
      spec,
      unit: unit.name,
      worker,
      status: 'pending',
      refused: false,
      own: undefined,
      first: unit.data,
      start: this.now,
      end: NEVER,
      expiration: this.now + lifetime,
      overruled: false,
      ranOut: undefined,
      countedAt: undefined,
      onLapse: this.lapse(namespace, spec, unit),
    };
    unit.attempts.push(attempt);
    unit.isReady = false;
    unit.active = attempt;
    unit.disturbed = this.event();
    return attempt;
  }

  retry(namespace: string, spec: string): RetryFields | undefined {
    return this.spec(namespace, spec).fields.flow?.retry;
  }

  /** How many failures count for retrying. */
  failures(unit: RefUnit): number {
    return unit.attempts.filter(({ countedAt = -1 }) => countedAt > unit.countedSince).length;
  }

  /** How long a unit rests after so many failures. */
  pause({ backoff = 'fixed', delay = 0, max_delay = Infinity }: RetryFields, failures: number): number {
    const times = { fixed: 1, linear: failures, exponential: 2 ** (failures - 1) }[backoff];
    return Math.min(delay * times, max_delay) * 1e6;
  }

  /** What follows if a lease runs out that begins now. */
  lapse(namespace: string, spec: string, unit: RefUnit): RefAttempt['onLapse'] {
    const retry = this.retry(namespace, spec);
    if (!retry?.expired) return undefined;
    const failures = this.failures(unit) + 1;
    const always = retry.attempts === 1;
    const pause = this.pause(retry, Math.max(1, Math.min(failures, retry.attempts - 1)));
    return { pause, fails: failures >= retry.attempts, always };
  }

  private forgetFailures(unit: RefUnit): void {
    const { active } = unit;
    if (active?.onLapse && !active.onLapse.always) active.onLapse.fails = false;
  }

  end(attempt: RefAttempt, status: RefStatus): void {
    if (attempt.status !== status) {
      attempt.end = this.now;
    }
    attempt.status = status;
    attempt.overruled = false;
    attempt.ranOut = undefined;
  }

  /** The rule of adding. */
  put(spec: RefSpec, name: string, content: { data: Data; priority: number; notBefore: number }): void {
    const unit = spec.units.find((one) => one.name === name);
    if (!unit) {
      const rest = { isReady: false, attempts: [], active: undefined, disturbed: 0, countedSince: this.event() };
      spec.units.push({ name, ...content, ...rest });
      return;
    }
    Object.assign(unit, content, { isReady: false });
    this.forgetFailures(unit);
    if (unit.active?.status !== 'pending') unit.active = undefined;
    unit.disturbed = unit.countedSince = this.event();
  }

  edit(unit: RefUnit, data: Data): void {
    if (unit.active?.status === 'pending') throw new Refused('ErrPending');
    unit.data = data;
    if (unit.active) unit.active.overruled = true;
  }

  clear(unit: RefUnit): void {
    unit.active = undefined;
    unit.disturbed = unit.countedSince = this.event();
  }
}
