import type { Channel } from '../wire/channel.ts'

/** Writes what `chunks` yields, no faster than it is taken, and ends; when the far side goes, so does the writing. */
export async function writeAll(channel: Channel, chunks: AsyncGenerator<Uint8Array, void, undefined>): Promise<void> {
  let isClosed = false
  let wake: () => void = () => undefined
  channel.listen({
    data: () => undefined,
    end: () => undefined,
    drain: () => wake(),
    closed: () => {
      isClosed = true
      wake()
    },
  })
  try {
    for await (const chunk of chunks) {
      if (isClosed) return
      if (channel.write(chunk)) continue
      await new Promise<void>((resolve) => {
        wake = resolve
        if (isClosed) resolve()
      })
    }
    channel.end()
  } catch (error) {
    channel.destroy()
    throw error
  }
}
