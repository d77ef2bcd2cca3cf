/** The value of a half-precision float, big-endian. */
export function float16At(bytes: Uint8Array, offset: number): number {
  const high = bytes[offset];
  const exponent = (high & 0x7c) >> 2;
  const fraction = ((high & 0x03) << 8) | bytes[offset + 1];
  const sign = high & 0x80 ? -1 : 1;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** The bits of a value that half precision can hold. */
export function float16Bits(value: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (size === 0) return sign;
  if (size === Infinity) return sign | 0x7c00;
  const exponent = Math.max(-14, Math.floor(Math.log2(size)));
  const fraction = size * 2 ** (10 - exponent);
  // A subnormal has no leading 1 to take off, and 0 in place of its exponent.
  return sign | (fraction < 1024 ? fraction : ((exponent + 15) << 10) | (fraction - 1024));
}

/** Whether a value is the same in half precision. */
export function fitsFloat16(value: number): boolean {
  if (!Number.isFinite(value)) return true;
  const scaled = value * 2 ** 24;
  if (!Number.isInteger(scaled) || Math.abs(value) > 65504) return false;
  // At most eleven significant bits.
  let significand = Math.abs(scaled);
  while (significand >= 2048 && significand % 2 === 0) significand /= 2;
  return significand < 2048;
}
