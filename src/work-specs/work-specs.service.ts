import { Injectable } from '@nestjs/common';
import type { Awaitable } from '../domain/awaitable.js';
import { ChangedNameError } from '../domain/errors.js';
import { checkTextName } from '../domain/names.js';
import { nearMiss } from '../domain/near-miss.js';
import type { Warning } from '../domain/warning.js';
import type { WorkSpec, WorkSpecDefinition, WorkSpecMeta, WorkSpecMetaChange } from '../domain/work-spec.js';
import { defineWorkSpec } from '../domain/work-spec.js';
import { warningsOf } from '../domain/work-spec-warnings.js';
import type { EncodedData } from '../domain/data.js';
import type { WorkUnitCounts } from '../domain/work-unit.js';
import { AskedRuntimes } from './asked-runtimes.js';
import type { WorkSpecWindow } from './work-spec.repository.js';
import { WorkSpecRepository } from './work-spec.repository.js';

/** Work specs, as both interfaces use them. Errors are those of the repository and of `defineWorkSpec`. */
@Injectable()
export class WorkSpecsService {
  constructor(
    private readonly specs: WorkSpecRepository,
    private readonly runtimes: AskedRuntimes = new AskedRuntimes(),
  ) {}

  /** Creates a spec or redefines the one of that name. */
  set(namespace: string, data: EncodedData): Awaitable<WorkSpecDefinition> {
    checkTextName('namespace', namespace);
    const definition = defineWorkSpec(data);
    const done = this.specs.set(namespace, definition);
    return done instanceof Promise ? done.then(() => definition) : definition;
  }

  /** Redefines a spec that must be there. @throws ChangedNameError when the data name another */
  redefine(namespace: string, name: string, data: EncodedData): Awaitable<void> {
    const definition = defineWorkSpec(data);
    if (definition.name !== name) throw new ChangedNameError();
    return this.specs.redefine(namespace, definition);
  }

  /** What about a definition that was set is probably not as its user meant it. */
  async warnings(namespace: string, data: EncodedData): Promise<Warning[]> {
    const warnings = warningsOf(data);
    const { nextWorkSpecName, runtime } = defineWorkSpec(data).meta;
    if (nextWorkSpecName !== '' && (await this.specs.missing(namespace, [nextWorkSpecName])).length > 0) {
      warnings.push({ key: 'then', reason: `names a work spec that this namespace does not have (yet)` });
    }
    if (runtime !== '' && !this.runtimes.includes(namespace, runtime)) {
      const meant = nearMiss(runtime, [...this.runtimes.of(namespace)]);
      const reason = 'is one that nobody has asked this daemon for work of since it started';
      warnings.push({ key: 'runtime', reason: meant === undefined ? reason : `${reason}, did you mean ${meant}?` });
    }
    return warnings;
  }

  /** Which of some names are no work spec's, in the order given. */
  missing(namespace: string, names: readonly string[]): Awaitable<string[]> {
    return this.specs.missing(namespace, names);
  }

  find(namespace: string, name: string): Awaitable<WorkSpec | undefined> {
    return this.specs.find(namespace, name);
  }

  list(namespace: string, window?: WorkSpecWindow): Awaitable<WorkSpec[]> {
    return this.specs.list(namespace, window);
  }

  delete(namespace: string, name: string): Awaitable<boolean> {
    return this.specs.delete(namespace, name);
  }

  clear(namespace: string): Awaitable<number> {
    return this.specs.clear(namespace);
  }

  meta(namespace: string, name: string, withCounts = false): Awaitable<WorkSpecMeta> {
    return this.specs.meta(namespace, name, withCounts);
  }

  changeMeta(
    namespace: string,
    name: string,
    change: WorkSpecMetaChange,
    options?: { strict?: boolean },
  ): Awaitable<void> {
    return this.specs.changeMeta(namespace, name, change, options);
  }

  counts(namespace: string, name: string): Awaitable<WorkUnitCounts> {
    return this.specs.counts(namespace, name);
  }
}
