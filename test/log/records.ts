import type { Stream } from '../../broker/modes/stream.ts'

/** Puts `count` records of 200 bytes one by one, so each in a commit of its own: `label` and their number. */
export async function putMany(stream: Stream, count: number, label = ''): Promise<void> {
  for (let i = 0; i < count; i++) {
    const data = new TextEncoder().encode(`${label}${i}`.padEnd(200))
    await stream.put([{ key: `k${i}`, data }])
  }
}

/** What `putMany` put, shard by shard. */
export async function readAll(stream: Stream): Promise<string[]> {
  const seen: string[] = []
  for (const { shard } of stream.describe().shards) {
    for (let next: number | undefined = 0; next !== undefined; ) {
      const page = await stream.read(shard, { sequence: next }, { recordsMax: 50, bytesMax: 10_000 })
      seen.push(...page.records.map(({ data }) => Buffer.from(data).toString().trim()))
      next = page.records.length > 0 ? page.next : undefined
    }
  }
  return seen
}
