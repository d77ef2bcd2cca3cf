import { Module } from '@nestjs/common';
import { AttemptsModule } from '../../attempts/attempts.module.js';
import { LocksModule } from '../../locks/locks.module.js';
import { MaintenanceModule } from '../../maintenance/maintenance.module.js';
import { WorkSpecsModule } from '../../work-specs/work-specs.module.js';
import { WorkUnitsModule } from '../../work-units/work-units.module.js';
import { WorkersModule } from '../../workers/workers.module.js';
import { LeaseWatch } from '../lease-watch.js';
import { ClockHandlers } from './clock.handlers.js';
import { ConfigHandlers } from './config.handlers.js';
import { HelloHandlers } from './hello.handlers.js';
import { LocksHandlers } from './locks.handlers.js';
import { WorkHandlers } from './work.handlers.js';
import { WorkSpecsHandlers } from './work-specs.handlers.js';
import { WorkUnitsHandlers } from './work-units.handlers.js';
import { WorkersHandlers } from './workers.handlers.js';

/** Every method of the CBOR-RPC interface, grouped by subject. */
@Module({
  imports: [AttemptsModule, LocksModule, MaintenanceModule, WorkSpecsModule, WorkUnitsModule, WorkersModule],
  controllers: [
    ClockHandlers,
    ConfigHandlers,
    HelloHandlers,
    LocksHandlers,
    WorkHandlers,
    WorkSpecsHandlers,
    WorkUnitsHandlers,
    WorkersHandlers,
  ],
  providers: [LeaseWatch],
})
export class RpcMethodsModule {}
