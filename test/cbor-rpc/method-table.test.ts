import { Controller, Scope } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { expect, it } from 'vitest';
import { params } from '../../src/cbor-rpc/params/index.js';
import { RpcMethod } from '../../src/cbor-rpc/rpc-method.decorator.js';
import { RawClient } from './client.js';
import { startRpcApp } from './rpc-app.js';

@Controller()
class Base {
  protected readonly greeting: string = 'hello';

  @RpcMethod({ name: 'inherited', params: params({}) })
  inherited(): string {
    return this.greeting;
  }
}

@Controller()
class Derived extends Base {
  protected override readonly greeting = 'good day';

  @RpcMethod({ name: 'own', params: params({}) })
  own(): string {
    return this.greeting;
  }
}

@Controller()
class Again {
  @RpcMethod({ name: 'own', params: params({}) })
  own(): null {
    return null;
  }
}

@Controller({ scope: Scope.REQUEST })
class PerRequest {
  @RpcMethod({ name: 'per_request', params: params({}) })
  perRequest(): null {
    return null;
  }
}

@Controller()
class Plain {
  @MessagePattern('plain')
  plain(): null {
    return null;
  }
}

it('calls handlers on their object, inherited ones too', async () => {
  const rpc = await startRpcApp([Derived]);
  const client = await RawClient.connect(rpc.port);
  expect([await client.call('own'), await client.call('inherited')]).toEqual(['good day', 'good day']);
  expect([...rpc.statistics.methods.keys()].sort()).toEqual(['inherited', 'own']);
  client.destroy();
  await rpc.close();
});

it('refuses to start with two methods of one name', async () => {
  await expect(startRpcApp([Derived, Again])).rejects.toThrow('two handlers answer to the CBOR-RPC method own');
});

it('refuses to start with handlers for each request', async () => {
  await expect(startRpcApp([PerRequest])).rejects.toThrow('the handlers of per_request must not be request-scoped');
});

it('refuses to start with handlers that it does not serve', async () => {
  await expect(startRpcApp([Plain])).rejects.toThrow('message patterns that are no @RpcMethod: plain');
});

it('says when its port is in use', async () => {
  const rpc = await startRpcApp([Derived]);
  await expect(startRpcApp([Derived], { port: rpc.port })).rejects.toThrow('EADDRINUSE');
  await rpc.close();
});
