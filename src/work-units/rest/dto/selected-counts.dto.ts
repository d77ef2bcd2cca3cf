import type { SelectedCounts } from '../../../domain/work-unit.js';
import { always, nextLink, Representation, sometimes, wholeNumber } from '../../../rest/schema/representation.js';
import { WORK_UNIT_COUNTS } from '../../../work-specs/rest/dto/work-spec.dto.js';

export const SELECTED_COUNTS = new Representation<SelectedCounts & { readonly nextUrl?: string }>(
  'SelectedWorkUnitCounts',
  {
    counts: always(WORK_UNIT_COUNTS.ref, 'How many of those that were looked at it selects.', ({ counts }) =>
      WORK_UNIT_COUNTS.json(counts),
    ),
    looked_at: sometimes(wholeNumber(50000), 'How many units were looked at; absent: none had to be.', ({ looked }) =>
      looked === 0 ? undefined : String(looked),
    ),
    next_url: nextLink('/namespace/default/work_spec/crawl/work_unit_counts?prefix=u&previous=u50000'),
  },
  { description: 'How many work units a query selects, or the first of them.' },
);
