import { Injectable } from '@nestjs/common';
import { Registry } from 'prom-client';
import { SchedulesService } from '../../schedules/schedules.service.js';
import { readCounters } from './read-counter.js';

/** What has come due of schedules. */
@Injectable()
export class ScheduleMetrics {
  constructor(registry: Registry, schedules: SchedulesService) {
    readCounters(
      registry,
      {
        name: 'coordinate_schedule_slots_total',
        help: 'Slots of schedules that this daemon has taken: made (of each there is a unit), missed (skipped, or too old)',
        label: 'outcome',
      },
      { made: () => schedules.made, missed: () => schedules.missed },
    );
  }
}
