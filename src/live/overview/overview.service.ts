import { Injectable } from '@nestjs/common';
import { OverviewRepository } from './overview.repository.js';

/** How work stands, as REST tells it. */
@Injectable()
export class OverviewService {
  /** @param stored - for what needs no rule besides the storage's own */
  constructor(readonly stored: OverviewRepository) {}
}
