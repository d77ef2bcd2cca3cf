import { Injectable } from '@nestjs/common';
import type { Awaitable } from '../domain/awaitable.js';
import { ChangedNameError } from '../domain/errors.js';
import { checkTextName } from '../domain/names.js';
import type { WorkSpec, WorkSpecDefinition, WorkSpecMeta, WorkSpecMetaChange } from '../domain/work-spec.js';
import { defineWorkSpec } from '../domain/work-spec.js';
import type { EncodedData, WorkUnitCounts } from '../domain/work-unit.js';
import type { WorkSpecWindow } from './work-spec.repository.js';
import { WorkSpecRepository } from './work-spec.repository.js';

/** Work specs, as both interfaces use them. Errors are those of the repository and of `defineWorkSpec`. */
@Injectable()
export class WorkSpecsService {
  constructor(private readonly specs: WorkSpecRepository) {}

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
