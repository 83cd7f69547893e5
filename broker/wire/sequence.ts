/**
 * Kinesis sequence numbers, computed from where a record lies in the log, and back. A number is 47 hexadecimal digits, which
 * are always 56 decimal ones, and what AWS's look like:
 *
 *     digits  field
 *          1  2
 *          9  when the stream was created, seconds since 1970
 *          8  shard
 *          5  0
 *          8  the stream's number
 *         16  2 x (sequence + 1): the record; plus 1: the place behind it
 *
 * So numbers of one shard grow with its sequences, those of a child are above all of its parents' (its shard number is), and
 * between two records there is a number that names the place between them: a checkpoint that AT_ and AFTER_SEQUENCE_NUMBER both take for
 * "go on with the next". The lowest, with zeros at the end, is where a shard begins.
 */
const digits = 47
const lowBits = 64n

/** A shard, as its sequence numbers name it. */
export interface SequenceOwner {
  readonly stream: number
  /** When the stream was created, milliseconds since 1970. */
  readonly streamCreatedAt: number
  readonly shard: number
}

/** What a sequence number says. */
export interface ParsedSequence {
  readonly stream: number
  readonly streamCreatedSeconds: number
  readonly shard: number
  /** The sequence to read from AT it. */
  readonly at: number
  /** The sequence to read from AFTER it. */
  readonly after: number
}

/** The low decimal digits that are counted up as a plain number. */
const counted = 15
const countedEnd = 10 ** counted

/** The numbers of one shard; made once, since their high digits are all the same. */
export class SequenceNumbers {
  readonly #base: bigint
  /** The base's decimal digits but the last 15, and those as a number. */
  readonly #high: string
  readonly #low: number

  constructor({ stream, streamCreatedAt, shard }: SequenceOwner) {
    const seconds = BigInt(Math.floor(streamCreatedAt / 1000))
    const head = (2n << 36n) | seconds
    this.#base = (((head << 32n) | BigInt(shard)) << 116n) | (BigInt(stream) << lowBits)
    const text = String(this.#base)
    this.#high = text.slice(0, -counted)
    this.#low = Number(text.slice(-counted))
  }

  /** The number below all records'. */
  get start(): string {
    return String(this.#base)
  }

  /** The number of the record with `sequence`. */
  of(sequence: number): string {
    return this.#text(2 * sequence + 2)
  }

  /** The number of the place before the record that has, or will have, `sequence`. */
  before(sequence: number): string {
    return this.#text(2 * sequence + 1)
  }

  /** Adding in decimal: a BigInt made into text for every record would cost more than all else about it. */
  #text(offset: number): string {
    const sum = this.#low + offset
    if (sum >= countedEnd) return String(this.#base + BigInt(offset))
    return this.#high + String(sum).padStart(counted, '0')
  }
}

/** Reads a sequence number; undefined when it is none of a broker's. */
export function parseSequenceNumber(text: string): ParsedSequence | undefined {
  if (!/^[1-9]\d{55}$/.test(text)) return undefined
  const hex = BigInt(text).toString(16)
  if (hex.length !== digits || hex[0] !== '2' || hex.slice(18, 23) !== '00000') return undefined
  const low = BigInt(`0x${hex.slice(31)}`)
  if (low > BigInt(Number.MAX_SAFE_INTEGER)) return undefined
  // An even number is a record's, or with 0 the start's; an odd one stands between two.
  const record = Math.floor(Number(low) / 2) - 1
  const between = low % 2n === 1n
  return {
    streamCreatedSeconds: Number.parseInt(hex.slice(1, 10), 16),
    shard: Number.parseInt(hex.slice(10, 18), 16),
    stream: Number.parseInt(hex.slice(23, 31), 16),
    at: between ? record + 1 : Math.max(0, record),
    after: record + 1,
  }
}

/** A shard's id as AWS writes it. */
export function shardIdOf(shard: number): string {
  return `shardId-${String(shard).padStart(12, '0')}`
}
