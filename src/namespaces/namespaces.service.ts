import { Injectable } from '@nestjs/common';
import type { Awaitable } from '../domain/awaitable.js';
import { checkTextName } from '../domain/names.js';
import { NamespaceRepository } from './namespace.repository.js';

/** Namespaces: what both interfaces check of them. */
@Injectable()
export class NamespacesService {
  constructor(
    /** For what needs no rule besides the storage's own. */
    readonly stored: NamespaceRepository,
  ) {}

  /** @throws InvalidValueError when the name is too long or not valid Unicode */
  ensure(namespace: string): Awaitable<void> {
    return this.stored.ensure(checkTextName('namespace', namespace));
  }
}
