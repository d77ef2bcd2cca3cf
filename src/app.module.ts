import { Module, type DynamicModule, type Type } from '@nestjs/common';
import { CborRpcModule } from './cbor-rpc/cbor-rpc.module.js';
import { RpcMethodsModule } from './cbor-rpc/handlers/rpc-methods.module.js';
import type { Config } from './config/config.js';
import { ConfigModule } from './config/config.module.js';
import { ObservabilityModule } from './observability/observability.module.js';
import { RestModule } from './rest/rest.module.js';
import { SchedulerModule } from './scheduler/scheduler.module.js';
import { StorageModule } from './storage/storage.module.js';

/** The daemon, put together for one configuration. */
@Module({})
export class AppModule {
  static forRoot(config: Config): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.forRoot(config),
        SchedulerModule,
        StorageModule.forBackend(config.backend),
        ...cborRpc(config),
        RestModule,
        ObservabilityModule,
      ],
    };
  }
}

/** The CBOR-RPC interface, unless it is off. */
function cborRpc({ cborRpc: address, limits }: Config): (DynamicModule | Type)[] {
  if (address === 'off') return [];
  return [CborRpcModule.register({ host: address.host || undefined, port: address.port, ...limits }), RpcMethodsModule];
}
