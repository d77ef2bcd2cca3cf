import { Injectable } from '@nestjs/common';
import { DaemonRepository } from './daemon.repository.js';

/** The daemons on one storage, as REST tells of them. */
@Injectable()
export class DaemonsService {
  /** @param stored - for what needs no rule besides the storage's own */
  constructor(readonly stored: DaemonRepository) {}
}
