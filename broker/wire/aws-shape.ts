/**
 * What an AWS operation takes and answers, as data. One table drives the check of types and constraints, the decoding of forms
 * and the encoding of XML, the TypeScript type of the input, and docs/aws/coverage.md.
 */
export type Shape =
  | StringShape
  | NumberShape
  | BooleanShape
  | TimestampShape
  | BlobShape
  | ListShape
  | MapShape
  | StructureShape

export interface StringShape {
  readonly type: 'string'
  /** Characters, as Java counts them: UTF-16 units. */
  readonly min?: number
  readonly max?: number
  /** As AWS writes it; the whole value must match. */
  readonly pattern?: string
  readonly enum?: readonly string[]
}

export interface NumberShape {
  readonly type: 'integer' | 'long' | 'double'
  readonly min?: number
  readonly max?: number
}

export interface BooleanShape {
  readonly type: 'boolean'
}

/** In an input, milliseconds since 1970, whatever the protocol had. */
export interface TimestampShape {
  readonly type: 'timestamp'
}

/** In an input, bytes, whatever the protocol had. */
export interface BlobShape {
  readonly type: 'blob'
  /** Bytes. */
  readonly min?: number
  readonly max?: number
}

export interface ListShape {
  readonly type: 'list'
  readonly of: Shape
  readonly min?: number
  readonly max?: number
  /** Query and XML only: elements stand one beside the other under this name, without `member`. */
  readonly flattened?: string
}

export interface MapShape {
  readonly type: 'map'
  readonly of: Shape
  /** Characters of a key. */
  readonly keyMin?: number
  readonly keyMax?: number
  readonly min?: number
  readonly max?: number
  /** Query and XML only: entries stand one beside the other under this name, without `entry`. */
  readonly flattened?: string
  /** Query and XML only; `key` and `value` by default. */
  readonly keyName?: string
  readonly valueName?: string
}

export interface StructureShape {
  readonly type: 'structure'
  readonly members: Members
}

/** A member of a structure. */
export type Member = Shape & {
  readonly required?: true
  /** REST only: where it is, if it is neither in the path nor in the body's JSON; `payload` is the body as it is. */
  readonly at?: 'query' | 'header' | 'payload'
  /** REST only: what it is called there. Its name by default. */
  readonly as?: string
}

export type Members = Readonly<Record<string, Member>>

/** The TypeScript type of a checked value. */
export type ValueOf<S> = S extends { readonly type: 'string'; readonly enum: readonly (infer E)[] }
  ? E
  : S extends { readonly type: 'string' }
    ? string
    : S extends { readonly type: 'integer' | 'long' | 'double' | 'timestamp' }
      ? number
      : S extends { readonly type: 'boolean' }
        ? boolean
        : S extends { readonly type: 'blob' }
          ? Uint8Array
          : S extends { readonly type: 'list'; readonly of: infer Of }
            ? readonly ValueOf<Of>[]
            : S extends { readonly type: 'map'; readonly of: infer Of }
              ? Readonly<Record<string, ValueOf<Of>>>
              : S extends { readonly type: 'structure'; readonly members: infer M }
                ? InputOf<M>
                : never

type RequiredNames<M> = { [K in keyof M]: M[K] extends { readonly required: true } ? K : never }[keyof M]

/** The TypeScript type of a checked structure: members that were not sent are absent. */
export type InputOf<M> = { readonly [K in RequiredNames<M>]: ValueOf<M[K]> } & {
  readonly [K in Exclude<keyof M, RequiredNames<M>>]?: ValueOf<M[K]>
}
