/** Where a move task stands. */
export type MoveTaskStatus = 'running' | 'cancelled' | 'completed' | 'failed'

/** What is kept of a move task: messages of one queue going to another, or back to where each came from. */
export interface MoveTaskRecord {
  readonly id: string
  /** The name of the queue they go to; without it each goes back to the queue whose dead letter it is. */
  readonly destination?: string
  /** At most so many a second; as fast as it goes when left out. */
  readonly perSecondMax?: number
  readonly status: MoveTaskStatus
  readonly startedAt: number
  /** Messages that could be moved when it began. */
  readonly total: number
  readonly moved: number
  /** Why it failed. */
  readonly failure?: string
}
