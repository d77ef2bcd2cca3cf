import { type DynamicModule, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { CBOR_RPC_OPTIONS, type CborRpcOptions, DEFAULT_CBOR_RPC_OPTIONS } from './cbor-rpc.options.js';
import { CborRpcServer } from './cbor-rpc.server.js';
import { RpcStatistics } from './rpc-statistics.js';

/** The CBOR-RPC transport, for `connectMicroservice`. The methods themselves are in RpcMethodsModule. */
@Module({})
export class CborRpcModule {
  /** @param options those that differ from the defaults */
  static register(options: Partial<CborRpcOptions> = {}): DynamicModule {
    return {
      module: CborRpcModule,
      // For metrics, which are the same whether this interface is on or off.
      global: true,
      imports: [DiscoveryModule],
      providers: [
        { provide: CBOR_RPC_OPTIONS, useValue: { ...DEFAULT_CBOR_RPC_OPTIONS, ...options } },
        RpcStatistics,
        CborRpcServer,
      ],
      exports: [CborRpcServer, RpcStatistics],
    };
  }
}
