import { Injectable } from '@nestjs/common';
import type { Awaitable } from '../domain/awaitable.js';
import { ChangedNameError } from '../domain/errors.js';
import { checkTextName } from '../domain/names.js';
import { nearMiss } from '../domain/near-miss.js';
import type { Warning } from '../domain/warning.js';
import type { WorkSpecDefinition } from '../domain/work-spec.js';
import { defineWorkSpec, definingWorkSpec, LARGE_DEFINITION } from '../domain/work-spec.js';
import { findingWarnings } from '../domain/work-spec-warnings.js';
import type { EncodedData } from '../domain/data.js';
import { inSlices, Slices } from '../timing/slices.js';
import { AskedRuntimes } from './asked-runtimes.js';
import { WorkSpecRepository } from './work-spec.repository.js';

/** Work specs, as both interfaces use them. Errors are those of the repository and of `defineWorkSpec`. */
@Injectable()
export class WorkSpecsService {
  constructor(
    /** For what needs no rule besides the storage's own. */
    readonly stored: WorkSpecRepository,
    private readonly runtimes: AskedRuntimes = new AskedRuntimes(),
  ) {}

  /** Creates a spec or redefines the one of that name. */
  set(namespace: string, data: EncodedData): Awaitable<WorkSpecDefinition> {
    checkTextName('namespace', namespace);
    if (data.length > LARGE_DEFINITION) return this.setLarge(namespace, data);
    const definition = defineWorkSpec(data);
    const done = this.stored.set(namespace, definition);
    return done instanceof Promise ? done.then(() => definition) : definition;
  }

  private async setLarge(namespace: string, data: EncodedData): Promise<WorkSpecDefinition> {
    const definition = await inSlices(definingWorkSpec(data), new Slices());
    await this.stored.set(namespace, definition);
    return definition;
  }

  /** Redefines a spec that must be there. @throws ChangedNameError when the data name another */
  async redefine(namespace: string, name: string, data: EncodedData): Promise<void> {
    const definition = await inSlices(definingWorkSpec(data), new Slices());
    if (definition.name !== name) throw new ChangedNameError();
    await this.stored.redefine(namespace, definition);
  }

  /** What about a definition that was set is probably not as its user meant it. */
  async warnings(namespace: string, data: EncodedData): Promise<Warning[]> {
    const slices = new Slices();
    const warnings = await inSlices(findingWarnings(data), slices);
    const { nextWorkSpecName, runtime } = (await inSlices(definingWorkSpec(data), slices)).meta;
    if (nextWorkSpecName !== '' && (await this.stored.missing(namespace, [nextWorkSpecName])).length > 0) {
      warnings.push({ key: 'then', reason: `names a work spec that this namespace does not have (yet)` });
    }
    if (runtime !== '' && !this.runtimes.includes(namespace, runtime)) {
      const meant = nearMiss(runtime, [...this.runtimes.of(namespace)]);
      const reason = 'is one that nobody has asked this daemon for work of since it started';
      warnings.push({ key: 'runtime', reason: meant === undefined ? reason : `${reason}, did you mean ${meant}?` });
    }
    return warnings;
  }
}
