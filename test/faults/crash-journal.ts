/**
 * What a load says it was told, or is about to do, in the order it happens: what a crash may not take back.
 */
export type JournalLine =
  /** A stream was created, or a shard of it was split. */
  | { readonly did: 'create' | 'split'; readonly stream: string; readonly shards: number }
  /** A block was acknowledged. */
  | ({ readonly did: 'ack'; readonly base: number } & BlockName)
  /** A record was handed to a reader. */
  | {
      readonly did: 'see'
      readonly stream: string
      readonly shard: number
      readonly sequence: number
      readonly key: string
    }
  /** A checkpoint is about to be asked for, or was acknowledged. */
  | { readonly did: 'ask checkpoint' | 'checkpoint'; readonly stream: string; readonly next: number }
  /** From now on records below these sequences may be removed: stream and shard to sequence. */
  | { readonly did: 'retention'; readonly below: Readonly<Record<string, number>> }

/** Which block of which producer: its bytes follow from it, see crash-blocks.ts. */
export interface BlockName {
  readonly stream: string
  readonly shard: number
  readonly producer: number
  readonly sequence: number
}
