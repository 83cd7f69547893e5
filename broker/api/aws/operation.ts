import type { Broker } from '../../broker.ts'
import type { AwsError } from '../../wire/aws-error.ts'
import type { InputOf, Members } from '../../wire/aws-shape.ts'
import type { Channel } from '../../wire/channel.ts'
import type { MillraceError } from '../../wire/errors.ts'

/** How a request and its answer are encoded. */
export type AwsProtocol = 'json' | 'cbor' | 'query' | 'rest'

/** Who calls, and how, beside what the operation takes. */
export interface AwsContext {
  /** The access key if it is 12 digits, else 000000000000. */
  readonly account: string
  /** Of the credential's scope, else us-east-1. */
  readonly region: string
  readonly requestId: string
  readonly protocol: AwsProtocol
  /** Where the client reached this broker, such as http://127.0.0.1:4566. */
  readonly origin: string
  /** The path as it was sent: older clients put a queue's there. */
  readonly path: string
  /** Whether nobody said who he is, which only some operations allow. */
  readonly anonymous: boolean
  /** X-Ray's header, if there was one. */
  readonly trace: string | undefined
  /** Fires when nobody waits for the answer any more. */
  readonly signal: AbortSignal
}

/** An answer that goes on: the head is sent at once, then `start` is given the channel to talk through. */
export class AwsStream {
  readonly contentType: string
  readonly start: (channel: Channel) => void
  readonly headers: Readonly<Record<string, string>>

  constructor(contentType: string, start: (channel: Channel) => void, headers: Readonly<Record<string, string>> = {}) {
    this.contentType = contentType
    this.start = start
    this.headers = headers
  }
}

/** An answer whose status, headers and bytes are the operation's own: a function's result, say. */
export class AwsRaw {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array

  constructor(status: number, headers: Readonly<Record<string, string>>, body: Uint8Array) {
    this.status = status
    this.headers = headers
    this.body = body
  }
}

/** Plain values; Date is a time, Uint8Array is a blob, undefined members are left out. Nothing: an answer without a body. */
export type AwsOutput = object | AwsStream | AwsRaw | undefined

/**
 * An operation of AWS's: one file. `input` is the table of what it takes, by which a request was checked before `run` sees it.
 * `run` throws AwsError, or MillraceError, which its service translates.
 */
export interface AwsOperation<M extends Members = Members> {
  readonly name: string
  readonly input: M
  /** How lists and maps of the answer are written in XML; only where Query is spoken. */
  readonly output?: Members
  /** REST only: how it is called. */
  readonly http?: RestBinding
  /** Bytes its body may have; `limits.bodyBytesMax` by default. */
  readonly bodyBytesMax?: number
  /** Answered without any credentials, as links in mails are. */
  readonly anonymous?: true
  run(broker: Broker, input: InputOf<M>, context: AwsContext): Promise<AwsOutput> | AwsOutput
}

/** How an operation is called where each has a path of its own. */
export interface RestBinding {
  readonly method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE'
  /** With `{Member}` for its variable segments. */
  readonly path: string
  /** Another path for the same. */
  readonly also?: string
  /** A parameter that tells it from others of the same path, and its value. */
  readonly marker?: readonly [string, string]
  /** Of a good answer; 200 by default. */
  readonly status?: number
}

/** Declares an operation: the type of what `run` is given follows from the table. */
export function awsOperation<const M extends Members>(definition: AwsOperation<M>): AwsOperation {
  return definition as unknown as AwsOperation
}

/** A service of AWS's: what its calls are recognized by, the protocols it speaks, and its operations, one line each. */
export interface AwsService {
  /** In credential scopes: kinesis, sqs, events. */
  readonly name: string
  /** What its X-Amz-Target headers begin with. */
  readonly targets: readonly string[]
  /** Its own JSON, as content types have it; absent where it speaks none. */
  readonly json?: '1.0' | '1.1'
  readonly cbor?: true
  readonly query?: { readonly version: string; readonly namespace: string }
  /** Whether each operation has a path of its own. */
  readonly rest?: true
  /** Whether answers carry x-amz-id-2 too. */
  readonly extendedId?: true
  readonly operations: readonly AwsOperation[]
  /** Operations that AWS has and this does not, for docs/aws/coverage.md. */
  readonly absent: readonly string[]
  /** The error as this service words it; undefined for those that mean the same everywhere. */
  translate?(error: MillraceError, context: AwsContext, input: object): AwsError | undefined
}
