/** A random integer from 1 to 2^53 - 1: a producer's id. */
export function randomId(): number {
  const [high, low] = crypto.getRandomValues(new Uint32Array(2)) as unknown as [number, number]
  return Math.max(1, (high & 0x1f_ffff) * 2 ** 32 + low)
}
