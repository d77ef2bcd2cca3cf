import { Controller } from '@nestjs/common';
import type { Encodable } from '../../cbor/index.js';
import { ByteString } from '../../cbor/index.js';
import { Config } from '../../config/config.js';
import { RpcError } from '../rpc-error.js';
import { RpcMethod } from '../rpc-method.decorator.js';
import type { Answer } from './answers.js';
import { answer } from './answers.js';
import { GET_CONFIG } from './daemon.methods.js';

@Controller()
export class ConfigHandlers {
  constructor(private readonly config: Config) {}

  /** The YAML that the operator hands to clients. */
  @RpcMethod(GET_CONFIG)
  getConfig(): Answer {
    if (!this.config.clientConfig) throw new RpcError('no config to get');
    return answer(configValue(this.config.clientConfig));
  }
}

/** A value of the configuration file as clients get it: strings of ASCII as byte strings, others as text. */
function configValue(value: unknown): Encodable {
  if (typeof value === 'string') return isAscii(value) ? ByteString.ofText(value) : value;
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [configValue(key), configValue(item)]));
  if (Array.isArray(value)) return value.map(configValue);
  if (value instanceof Uint8Array) return new ByteString(Buffer.from(value).latin1Slice());
  return value as Encodable;
}

function isAscii(text: string): boolean {
  return Buffer.byteLength(text, 'utf8') === text.length;
}
