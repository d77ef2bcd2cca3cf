import { Module, type DynamicModule, type Type } from '@nestjs/common';
import { AccessModule } from './access/access.module.js';
import type { Tls } from './access/tls.js';
import { CborRpcModule } from './cbor-rpc/cbor-rpc.module.js';
import type { RpcRequestLog } from './cbor-rpc/rpc-request-log.js';
import { RpcMethodsModule } from './cbor-rpc/handlers/rpc-methods.module.js';
import type { Config } from './config/config.js';
import { ConfigModule } from './config/config.module.js';
import type { Log } from './observability/log.js';
import { type LocalClock, MILLISECOND } from './domain/time.js';
import { LogModule } from './observability/log.module.js';
import { ObservabilityModule } from './observability/observability.module.js';
import { backendsOf, NO_PLUGINS } from './plugins/load-plugins.js';
import { PluginsModule } from './plugins/plugins.module.js';
import { RestModule } from './rest.module.js';
import { SchedulesModule } from './schedules/schedules.module.js';
import { SchedulerModule } from './scheduler/scheduler.module.js';
import { ProcessMemoryModule } from './storage/process-memory.module.js';
import { StorageModule } from './storage/storage.module.js';

/** The daemon, put together for one configuration. */
@Module({})
export class AppModule {
  /**
   * @param log - absent: nothing is known of the log, and requests are not logged
   * @param tls - absent: CBOR-RPC is not encrypted
   * @param clock - what the memory backend goes by; absent: the machine's
   * @param plugins - absent: there are none
   */
  static forRoot(config: Config, log?: Log, tls?: Tls, clock?: LocalClock, plugins = NO_PLUGINS): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.forRoot(config),
        AccessModule.forRoot(config),
        LogModule.forRoot(log?.output),
        SchedulerModule,
        ProcessMemoryModule,
        StorageModule.forBackend(config.backend, clock, backendsOf(plugins)),
        ...cborRpc(config, log?.requests, tls),
        RestModule,
        SchedulesModule,
        ObservabilityModule,
        ...PluginsModule.of(plugins),
      ],
    };
  }
}

/** What answers to methods and routes, whichever interfaces there are: plug-ins take others. */
export const ANSWERING: readonly Type[] = [RpcMethodsModule, RestModule, ObservabilityModule];

/** The CBOR-RPC interface, unless it is off. */
function cborRpc(
  { cborRpc: address, limits, auth }: Config,
  requestLog?: RpcRequestLog,
  tls?: Tls,
): (DynamicModule | Type)[] {
  if (address === 'off') return [];
  const { maxMessageBytes, maxConnections, maxBufferedBytes, stallTimeout, idleTimeout } = limits;
  const options = {
    host: address.host || undefined,
    port: address.port,
    allow: auth.rpcAllow,
    maxMessageBytes,
    maxConnections,
    maxBufferedBytes,
    incompleteMessageTimeoutMs: stallTimeout / MILLISECOND,
    unreadAnswerTimeoutMs: stallTimeout / MILLISECOND,
    idleTimeoutMs: idleTimeout === undefined ? undefined : idleTimeout / MILLISECOND,
    requestLog,
    tls,
  };
  return [CborRpcModule.register(options), RpcMethodsModule];
}
