import { MillraceError } from './errors.ts'
import { viewOf } from './u64.ts'

/**
 * What the messages of a WebSocket carry: calls and long streams side by side, told apart by numbers which the client chooses.
 *
 *     offset size field
 *          0    1 kind       see messageKinds
 *          1    1 reserved   0
 *          2    2 number     of the call or the long stream (big-endian)
 *          4    - payload
 *
 * docs/wire.md, "WebSocket", has the rules.
 */
export const messageHeaderBytes = 4

export const messageKinds = {
  /** Client: one call; MessagePack {method, path, query?, body?}. */
  call: 1,
  /** Broker: its answer; MessagePack {status, body?}. */
  answer: 2,
  /** Client: opens a long stream; MessagePack {path, body?, credit}. */
  open: 3,
  /** Both: bytes of a long stream. */
  data: 4,
  /** Both: so many more bytes (u32) of a long stream are taken. */
  credit: 5,
  /** Client: its half of a long stream is over. */
  end: 6,
  /** Client: it wants no more of a stream or a call. Broker: the stream is over; MessagePack error, or nothing when it ended well. */
  close: 7,
  /** Client: is anybody there? Broker: yes. */
  ping: 8,
} as const

export type MessageKind = (typeof messageKinds)[keyof typeof messageKinds]

/** The subprotocol that both sides name. */
export const socketProtocol = 'millrace.v1'
/** A page cannot set headers: it offers its token as one more subprotocol, behind this and in base64url. */
export const tokenProtocol = 'millrace.token.'
/** Where the broker takes sockets. */
export const socketPath = '/v1/socket'

/** What a client may send of a long stream before the broker grants more. */
export const clientWindowBytes = 256 * 1024
/** A client cuts what it sends into messages of this size, so that calls need not wait long behind a large block. */
export const clientMessageBytes = 64 * 1024

/** Why a socket was closed, beside the codes of RFC 6455 section 7.4. */
export const closeCodes = {
  /** The broker goes away. */
  goingAway: 1001,
  /** Text, which has no meaning here. */
  notBinary: 1003,
  /** A message that breaks the rules; the reason says which. */
  broken: 1008,
  /** Nothing was open for long. */
  idle: 4000,
  /** It took nothing of what waited for it for long. */
  stalled: 4001,
  /** No token, or the wrong one. */
  unauthorized: 4401,
  /** Pages of that origin may not use the broker. */
  originRefused: 4403,
} as const

export interface SocketMessage {
  readonly kind: number
  readonly number: number
  readonly payload: Uint8Array
}

export function writeMessageHeader(bytes: Uint8Array, at: number, kind: MessageKind, number: number): void {
  bytes[at] = kind
  bytes[at + 1] = 0
  bytes[at + 2] = number >>> 8
  bytes[at + 3] = number
}

/** A whole message; `payload` is copied. */
export function socketMessage(
  kind: MessageKind,
  number: number,
  payload: Uint8Array = nothing,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(messageHeaderBytes + payload.length)
  writeMessageHeader(bytes, 0, kind, number)
  bytes.set(payload, messageHeaderBytes)
  return bytes
}

const nothing = new Uint8Array(0)

export function creditPayload(bytes: number): Uint8Array {
  const payload = new Uint8Array(4)
  viewOf(payload).setUint32(0, bytes)
  return payload
}

/**
 * The message in `bytes`; its payload is a window on them.
 * @throws frame_malformed
 */
export function readSocketMessage(bytes: Uint8Array): SocketMessage {
  if (bytes.length < messageHeaderBytes)
    throw new MillraceError('frame_malformed', { reason: 'a message without a header' })
  const number = viewOf(bytes).getUint16(2)
  return { kind: bytes[0] as number, number, payload: bytes.subarray(messageHeaderBytes) }
}

/** @throws frame_malformed */
export function readCredit(payload: Uint8Array): number {
  if (payload.length !== 4) throw new MillraceError('frame_malformed', { reason: 'credit is 4 bytes' })
  return viewOf(payload).getUint32(0)
}
