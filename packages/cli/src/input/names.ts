import type { Name } from 'coordinate-client';
import { UsageError } from '../errors.js';

/** A name in the form that stands in paths, which any bytes have. @throws UsageError */
export function bytesOfName(encoded: string): Name {
  if (!encoded.startsWith('-')) return encoded;
  const bytes = Buffer.from(encoded.slice(1), 'base64url');
  if (bytes.toString('base64url') !== encoded.slice(1))
    throw new UsageError(`not a name in the form of paths: ${encoded}`);
  const text = bytes.toString();
  return Buffer.from(text).equals(bytes) ? text : new Uint8Array(bytes);
}
