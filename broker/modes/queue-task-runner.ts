import { randomUUID } from 'node:crypto'
import { MillraceError } from '../wire/errors.ts'
import type { Queue } from './queue.ts'
import type { Picked } from './queue-delivery.ts'
import { batchesOf, redriveMessages } from './queue-moving.ts'
import type { MoveTaskRecord } from './queue-task.ts'

/** A task that is under way. */
interface Running {
  readonly id: string
  readonly cancelled: AbortController
  readonly done: Promise<void>
}

/** What move tasks must know of other queues, and who is to know of them. */
interface TaskNeighbours {
  find(name: string): Queue | undefined
  redriven(queue: Queue, task: MoveTaskRecord): void
}

/** The move tasks of one queue: at most one runs, the last few are remembered, and a restart goes on with it. */
export class MoveTasks {
  readonly #queue: Queue
  readonly #neighbours: TaskNeighbours
  readonly #stopping = new AbortController()
  #starting = false
  #running: Running | undefined

  constructor(queue: Queue, neighbours: TaskNeighbours) {
    this.#queue = queue
    this.#neighbours = neighbours
  }

  /** Newest first. */
  list(): readonly MoveTaskRecord[] {
    return [...this.#queue.state.tasks].reverse()
  }

  /** Whether a running task was told to end. */
  isCancelling(id: string): boolean {
    return this.#running?.id === id && this.#running.cancelled.signal.aborted
  }

  /**
   * Begins to move all messages that can be received now, to `destination` or each to the queue it came from.
   * @throws task_running, queue_not_found
   */
  async start(options: { destination?: string; perSecondMax?: number }): Promise<MoveTaskRecord> {
    const { destination } = options
    if (this.#starting || this.#current !== undefined)
      throw new MillraceError('task_running', { queue: this.#queue.name })
    if (destination !== undefined && this.#neighbours.find(destination) === undefined) {
      throw new MillraceError('queue_not_found', { queue: destination })
    }
    this.#starting = true
    try {
      const { visible } = await this.#queue.describe()
      const startedAt = this.#queue.logs.clock.now()
      const task = { id: randomUUID(), ...options, status: 'running', startedAt, total: visible, moved: 0 } as const
      await this.#write(task)
      this.resume()
      return task
    } finally {
      this.#starting = false
    }
  }

  /**
   * Ends a task behind the messages that are being moved; resolves with what it came to.
   * @throws task_not_found, task_ended
   */
  async cancel(id: string): Promise<MoveTaskRecord> {
    const task = this.#known(id)
    if (task === undefined) throw new MillraceError('task_not_found', { queue: this.#queue.name, task: id })
    if (this.#running?.id !== id) throw new MillraceError('task_ended', { task: id, state: task.status })
    this.#running.cancelled.abort()
    await this.#running.done
    return this.#known(id) ?? task
  }

  /** Goes on with the task that is under way, if one is. */
  resume(): void {
    const task = this.#current
    if (task === undefined || this.#running !== undefined) return
    const cancelled = new AbortController()
    const done = this.#run(task, AbortSignal.any([cancelled.signal, this.#stopping.signal])).finally(() => {
      this.#running = undefined
    })
    this.#running = { id: task.id, cancelled, done }
  }

  /** Stops; after a restart it goes on. */
  close(): void {
    this.#stopping.abort()
  }

  get #current(): MoveTaskRecord | undefined {
    return this.#queue.state.tasks.find((each) => each.status === 'running')
  }

  #known(id: string): MoveTaskRecord | undefined {
    return this.#queue.state.tasks.find((each) => each.id === id)
  }

  /** Throws nothing. */
  async #run(begun: MoveTaskRecord, signal: AbortSignal): Promise<void> {
    let task: MoveTaskRecord | undefined = begun
    while (task?.status === 'running' && !this.#stopping.signal.aborted) {
      try {
        if (signal.aborted) await this.#write({ ...task, status: 'cancelled' })
        else await this.#step(task, signal)
      } catch (error) {
        const failure = MillraceError.wrap(error)
        if (failure.retryable && failure.code !== 'internal') await this.#pause(retryMillis, signal)
        else await this.#fail(task, failure)
      }
      task = this.#known(begun.id)
    }
  }

  async #fail(task: MoveTaskRecord, failure: MillraceError): Promise<void> {
    const failed: MoveTaskRecord = { ...(this.#known(task.id) ?? task), status: 'failed', failure: failure.message }
    // Where that cannot be written either, a start finds it running and tries again.
    await this.#write(failed).catch(() => this.#queue.state.applyTask(failed))
  }

  /** Moves the next messages, or ends the task when there are no more. */
  async #step(task: MoveTaskRecord, signal: AbortSignal): Promise<void> {
    const rate = task.perSecondMax ?? Number.POSITIVE_INFINITY
    const { limits } = this.#queue.logs
    const max = Math.min(limits.moveBatchMax, task.total - task.moved, rate)
    // Invisible to others for long enough, whatever the queue's own timeout is.
    const options = { max, waitMillis: 0, visibilityMillis: limits.visibilityMillisDefault, signal }
    const picked = max <= 0 ? [] : await this.#queue.receiver.take(options)
    if (picked.length === 0) {
      if (!signal.aborted) await this.#write({ ...task, status: 'completed' })
      return
    }
    await this.#move(task, picked)
    if (rate !== Number.POSITIVE_INFINITY) await this.#pause((1_000 * picked.length) / rate, signal)
  }

  /** Moves messages that were taken, with the task's progress in the same commit; what cannot be moved is given back. */
  async #move(begun: MoveTaskRecord, picked: readonly Picked[]): Promise<void> {
    const left = new Set(picked)
    let task = begun
    try {
      for (const batch of batchesOf(picked)) {
        const targeted = batch.map((each) => ({ picked: each, target: this.#targetOf(task, each) }))
        task = { ...task, moved: task.moved + batch.length }
        await redriveMessages(this.#queue, targeted, [{ kind: 'task', task }])
        this.#queue.state.applyTask(task)
        for (const each of batch) left.delete(each)
      }
    } finally {
      for (const { held } of left) this.#queue.inventory.giveBack(held)
      this.#queue.delivery.wake()
    }
  }

  #targetOf(task: MoveTaskRecord, { message }: Picked): Queue {
    const name = task.destination ?? message.envelope.extras?.source
    if (name === undefined) throw new MillraceError('bad_request', { reason: 'CouldNotDetermineMessageSource' })
    const target = this.#neighbours.find(name)
    if (target === undefined) throw new MillraceError('queue_not_found', { queue: name })
    return target
  }

  async #write(task: MoveTaskRecord): Promise<void> {
    await this.#queue.write({ kind: 'task', task })
    this.#queue.state.applyTask(task)
    const { tasks } = this.#queue.state
    if (tasks.length > this.#queue.logs.limits.moveTasksMax) tasks.shift()
    if (task.status !== 'running') this.#neighbours.redriven(this.#queue, task)
  }

  #pause(millis: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        timer.cancel()
        signal.removeEventListener('abort', done)
        resolve()
      }
      const timer = this.#queue.logs.clock.after(millis, done)
      signal.addEventListener('abort', done)
      if (signal.aborted) done()
    })
  }
}

/** How long a task waits when it could not go on for a reason that passes. */
const retryMillis = 1_000
