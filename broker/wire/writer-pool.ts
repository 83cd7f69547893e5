import { BlockWriter } from './record.ts'

const slabBytesMin = 4 * 1024
/** Slabs come in multiples of this, so that one fits blocks that are only about as large as another. */
const slabStepBytes = 16 * 1024
/** Writers kept to be used again. */
const idleMax = 128
/** What they may hold together. */
const idleBytesMax = 16 * 1024 * 1024

/** Writers of blocks, one for each block until nobody needs its bytes any more: fresh memory costs more than what is written to it. */
export class WriterPool {
  readonly #idle: BlockWriter[] = []
  #idleBytes = 0

  /** A writer with room for about `bytes`. */
  take(bytes: number): BlockWriter {
    const at = this.#idle.findLastIndex((writer) => writer.capacity >= bytes)
    const [writer] = at < 0 ? [] : this.#idle.splice(at, 1)
    if (writer === undefined) return new BlockWriter(slabBytesFor(bytes))
    this.#idleBytes -= writer.capacity
    return writer
  }

  /** Whoever had the block that `writer` wrote has stored, sent or copied it, or never will. */
  giveBack(writer: BlockWriter): void {
    if (this.#idle.length >= idleMax || this.#idleBytes + writer.capacity > idleBytesMax) return
    writer.rewind()
    this.#idleBytes += writer.capacity
    this.#idle.push(writer)
  }
}

/** With some room to spare: a block that outgrows its slab is copied to a larger one. */
function slabBytesFor(bytes: number): number {
  if (bytes <= slabBytesMin) return slabBytesMin
  return (Math.ceil(bytes / slabStepBytes) + 1) * slabStepBytes
}
