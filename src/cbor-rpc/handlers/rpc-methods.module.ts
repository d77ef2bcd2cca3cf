import { Module } from '@nestjs/common';
import { AttemptsModule } from '../../attempts/attempts.module.js';
import { LocksModule } from '../../locks/locks.module.js';
import { MaintenanceModule } from '../../maintenance/maintenance.module.js';
import { WorkSpecsModule } from '../../work-specs/work-specs.module.js';
import { WorkUnitsModule } from '../../work-units/work-units.module.js';
import { WorkersModule } from '../../workers/workers.module.js';
import { LeaseWatch } from '../lease-watch.js';
import { ClockRpcController } from './clock.controller.js';
import { ConfigRpcController } from './config.controller.js';
import { LocksRpcController } from './locks.controller.js';
import { WorkRpcController } from './work.controller.js';
import { WorkSpecsRpcController } from './work-specs.controller.js';
import { WorkUnitsRpcController } from './work-units.controller.js';
import { WorkersRpcController } from './workers.controller.js';

/** Every method of the CBOR-RPC interface, grouped by subject. */
@Module({
  imports: [AttemptsModule, LocksModule, MaintenanceModule, WorkSpecsModule, WorkUnitsModule, WorkersModule],
  controllers: [
    ClockRpcController,
    ConfigRpcController,
    LocksRpcController,
    WorkRpcController,
    WorkSpecsRpcController,
    WorkUnitsRpcController,
    WorkersRpcController,
  ],
  providers: [LeaseWatch],
})
export class RpcMethodsModule {}
