import { Injectable } from '@nestjs/common';
import type { Awaitable } from '../domain/awaitable.js';
import { checkTextName } from '../domain/names.js';
import type { SpecCondition, SummaryRecord } from '../domain/work-unit.js';
import { NamespaceRepository } from './namespace.repository.js';

@Injectable()
export class NamespacesService {
  constructor(private readonly namespaces: NamespaceRepository) {}

  list(): Awaitable<string[]> {
    return this.namespaces.list();
  }

  /** @throws InvalidValueError when the name is too long or not valid Unicode */
  ensure(namespace: string): Awaitable<void> {
    return this.namespaces.ensure(checkTextName('namespace', namespace));
  }

  exists(namespace: string): Awaitable<boolean> {
    return this.namespaces.exists(namespace);
  }

  destroy(namespace: string): Awaitable<boolean> {
    return this.namespaces.destroy(namespace);
  }

  summarize(namespace?: string): Awaitable<SummaryRecord[]> {
    return this.namespaces.summarize(namespace);
  }

  conditions(): Awaitable<SpecCondition[]> {
    return this.namespaces.conditions();
  }
}
