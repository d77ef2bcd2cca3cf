import type { AddressInfo } from 'node:net';
import { type INestMicroservice, type Type } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { Audit } from '../../src/access/audit.js';
import { Callers } from '../../src/access/callers.js';
import {
  CBOR_RPC_OPTIONS,
  type CborRpcOptions,
  DEFAULT_CBOR_RPC_OPTIONS,
} from '../../src/cbor-rpc/cbor-rpc.options.js';
import { CborRpcServer } from '../../src/cbor-rpc/cbor-rpc.server.js';
import { RpcStatistics } from '../../src/cbor-rpc/rpc-statistics.js';

export interface RpcApp {
  readonly app: INestMicroservice;
  readonly port: number;
  readonly statistics: RpcStatistics;
  close(): Promise<void>;
}

/** A running CBOR-RPC interface with these controllers, on a free port. */
export async function startRpcApp(
  controllers: Type[],
  options: Partial<CborRpcOptions> = {},
  callers = new Callers('tests'),
): Promise<RpcApp> {
  const module = await Test.createTestingModule({
    imports: [DiscoveryModule],
    controllers,
    providers: [
      { provide: CBOR_RPC_OPTIONS, useValue: { ...DEFAULT_CBOR_RPC_OPTIONS, port: 0, ...options } },
      RpcStatistics,
      { provide: Callers, useValue: callers },
      { provide: Audit, useValue: new Audit() },
      CborRpcServer,
    ],
  }).compile();
  const strategy = module.get(CborRpcServer);
  const app = module.createNestMicroservice({ strategy, logger: false });
  const { port } = (await (app.listen() as Promise<unknown>)) as AddressInfo;
  return { app, port, statistics: module.get(RpcStatistics), close: () => app.close() };
}
