import { base64 } from '../../wire/aws-json.ts'
import type { BodyReader } from '../../wire/record.ts'
import type { SequenceNumbers } from '../../wire/sequence.ts'

/** Takes records one by one, in the order they are answered. */
export interface RecordList {
  readonly count: number
  /** Bytes of keys and data. */
  readonly bytes: number
  /** When the last one was appended, milliseconds since 1970. */
  readonly lastTime: number
  /** Takes the record that `reader` stands at. */
  add(reader: BodyReader, sequence: number, time: number): void
}

const scratchBytes = 64 * 1024
/** Scratch that grew larger is let go, and so is more of it than this. */
const scratchBytesMax = 4 * 1024 * 1024
const scratchesMax = 4

/** Buffers to write into that were written into before: fresh memory costs more than what is written to it. */
const scratches: Buffer[] = []

/** What the JSON of a record has beside key and data: names, a sequence number, a time. */
const overheadBytes = 256

/** Records as the JSON that Kinesis has of them, written one behind the other into one buffer. */
export class JsonRecords implements RecordList {
  count = 0
  bytes = 0
  lastTime = 0
  readonly #numbers: SequenceNumbers
  readonly #tail: string
  #json = scratches.pop() ?? Buffer.allocUnsafeSlow(scratchBytes)
  #at: number

  /** `encrypted`: whether records are to say so. `head` stands before them. */
  constructor(numbers: SequenceNumbers, encrypted: boolean, head = '') {
    this.#numbers = numbers
    this.#tail = encrypted ? ',"EncryptionType":"KMS"}' : '}'
    this.#at = this.#json.write(head)
  }

  /** What was written, with `rest` behind it. Nothing can be added afterwards. */
  finish(rest = ''): Buffer {
    this.#reserve(rest.length * 3)
    this.#at += this.#json.write(rest, this.#at)
    return this.#json.subarray(0, this.#at)
  }

  /** Says that what `finish` returned is not needed any more: others will write over it. */
  release(): void {
    if (scratches.length < scratchesMax && this.#json.length <= scratchBytesMax) scratches.push(this.#json)
    this.#json = empty
    this.#at = 0
  }

  add(reader: BodyReader, sequence: number, time: number): void {
    const { keyBytes, dataBytes } = reader
    // JSON makes up to 6 bytes of one of a key.
    this.#reserve(overheadBytes + keyBytes * 6 + Math.ceil(dataBytes / 3) * 4)
    this.#ascii(
      `${this.count === 0 ? '' : ','}{"SequenceNumber":"${this.#numbers.of(sequence)}","ApproximateArrivalTimestamp":${time / 1000},"Data":"`,
    )
    this.#ascii(base64(reader.data()))
    this.#at += this.#json.write(`","PartitionKey":${JSON.stringify(reader.key())}${this.#tail}`, this.#at)
    this.count++
    this.bytes += keyBytes + dataBytes
    this.lastTime = time
  }

  #ascii(text: string): void {
    this.#at += this.#json.write(text, this.#at, 'latin1')
  }

  #reserve(more: number): void {
    if (this.#at + more <= this.#json.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#json.length * 2, this.#at + more))
    this.#json.copy(larger, 0, 0, this.#at)
    this.#json = larger
  }
}

const empty = Buffer.alloc(0)

/** Records as values, for encodings other than JSON. */
export class ValueRecords implements RecordList {
  bytes = 0
  lastTime = 0
  readonly values: object[] = []
  readonly #numbers: SequenceNumbers
  readonly #encrypted: boolean

  constructor(numbers: SequenceNumbers, encrypted: boolean) {
    this.#numbers = numbers
    this.#encrypted = encrypted
  }

  get count(): number {
    return this.values.length
  }

  add(reader: BodyReader, sequence: number, time: number): void {
    this.values.push({
      SequenceNumber: this.#numbers.of(sequence),
      ApproximateArrivalTimestamp: new Date(time),
      Data: reader.data(),
      PartitionKey: reader.key(),
      EncryptionType: this.#encrypted ? 'KMS' : undefined,
    })
    this.bytes += reader.keyBytes + reader.dataBytes
    this.lastTime = time
  }
}
