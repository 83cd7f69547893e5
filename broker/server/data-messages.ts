import { messageHeaderBytes, messageKinds, writeMessageHeader } from '../wire/socket-message.ts'

/** The first byte of a frame that is a whole binary message (RFC 6455 section 5.2). */
const wholeBinary = 0x82
/** Chunks below this size are copied behind their header, once for all sockets: one write each then, instead of two. */
const copiedBytesMax = 64 * 1024
/** Clients count their streams from 0, so those of many sockets have the same numbers; what is above is encoded for each. */
const numbersKept = 64

/** What goes into a socket for one chunk: pieces that all sockets share, not to be changed. */
export type Encoded = readonly [Uint8Array] | readonly [Uint8Array, Uint8Array]

/**
 * Chunks of long streams as frames of WebSocket. A run of records is handed to all its readers in one turn, as one buffer: it is encoded
 * for the first of them, and the others are sent the same bytes.
 */
export class DataMessages {
  #chunk: Uint8Array | undefined
  #encoded: (Encoded | undefined)[] = []

  encode(number: number, chunk: Uint8Array): Encoded {
    if (chunk !== this.#chunk) {
      this.#chunk = chunk
      this.#encoded = []
    }
    const known = this.#encoded[number]
    if (known !== undefined) return known
    const encoded = encode(number, chunk)
    if (number < numbersKept) this.#encoded[number] = encoded
    return encoded
  }

  /** Lets go of what was encoded last; for when nobody is left who may be sent it. */
  forget(): void {
    this.#chunk = undefined
    this.#encoded = []
  }
}

function encode(number: number, chunk: Uint8Array): Encoded {
  const length = messageHeaderBytes + chunk.length
  const copied = chunk.length < copiedBytesMax
  const at = length < 126 ? 2 : length < 65_536 ? 4 : 10
  const bytes = Buffer.allocUnsafe(at + messageHeaderBytes + (copied ? chunk.length : 0))
  bytes[0] = wholeBinary
  if (at === 2) bytes[1] = length
  else if (at === 4) {
    bytes[1] = 126
    bytes.writeUInt16BE(length, 2)
  } else {
    bytes[1] = 127
    bytes.writeBigUInt64BE(BigInt(length), 2)
  }
  writeMessageHeader(bytes, at, messageKinds.data, number)
  if (!copied) return [bytes, chunk]
  bytes.set(chunk, at + messageHeaderBytes)
  return [bytes]
}
