/** A message as the model sees it. Times are milliseconds since 1970. */
export interface ModelMessage {
  readonly text: string
  readonly group: string | undefined
  readonly sentAt: number
  /** Its place in the order of its queue. */
  order: number
  identity: number | undefined
  /** Invisible until then, at first. */
  readonly due: number
  count: number
  /** Receives in other queues, which don't count towards burying. */
  readonly base: number
  visibleAt: number
  lastReceivedAt: number
  /** Received at least once, taken back or not. */
  seen: boolean
}

export interface ModelSettings {
  fifo: boolean
  visibilityMillis: number
  delayMillis: number
  retentionMillis: number
  maxReceives: number | undefined
}

/** Which receive of which message. */
export interface ModelHandle {
  readonly text: string
  readonly identity: number
  readonly count: number
}

const hours12 = 12 * 3_600_000

/** What a queue is meant to be: a list. */
export class ModelQueue {
  readonly settings: ModelSettings
  messages: ModelMessage[] = []
  readonly ids = new Map<string, { text: string; time: number; order: number }>()
  #order = 0

  constructor(settings: ModelSettings) {
    this.settings = settings
  }

  add(message: Omit<ModelMessage, 'order'>): ModelMessage {
    const added = { ...message, order: this.#order++ }
    this.messages.push(added)
    return added
  }

  find(text: string): ModelMessage | undefined {
    return this.messages.find((each) => each.text === text)
  }

  remove(text: string): void {
    this.messages = this.messages.filter((each) => each.text !== text)
  }

  /** The message whose deduplication id `id` counts at `now`. */
  duplicated(id: string, now: number): { text: string; order: number } | undefined {
    const known = this.ids.get(id)
    return known !== undefined && known.time + 300_000 > now ? known : undefined
  }

  expire(now: number): void {
    this.messages = this.messages.filter((each) => each.sentAt + this.settings.retentionMillis > now)
  }

  isDelayed(message: ModelMessage, now: number): boolean {
    if (message.seen) return false
    return (this.settings.fifo ? message.sentAt + this.settings.delayMillis : message.due) > now
  }

  isVisible(message: ModelMessage, now: number): boolean {
    return message.visibleAt <= now && !this.isDelayed(message, now)
  }

  /** FIFO: no earlier one of its group is out or delayed. */
  isOpen(message: ModelMessage, now: number): boolean {
    if (!this.isVisible(message, now)) return false
    if (!this.settings.fifo) return true
    return this.messages.every(
      (each) => each.group !== message.group || each.order >= message.order || this.isVisible(each, now),
    )
  }

  /** Received as often as it may be. */
  isDying(message: ModelMessage): boolean {
    const { maxReceives } = this.settings
    return maxReceives !== undefined && message.count - message.base >= maxReceives
  }

  /** The message a handle is for: not one of the same text that came back from the dead. */
  ofHandle({ text, identity }: ModelHandle): ModelMessage | undefined {
    const message = this.find(text)
    return message?.identity === identity ? message : undefined
  }

  /** What changing a message's visibility comes to: an error's code or nothing. */
  changeVisibility(handle: ModelHandle, millis: number, now: number): string | undefined {
    const { count } = handle
    const message = this.ofHandle(handle)
    if (message === undefined) return 'message_gone'
    if (message.visibleAt <= now) return 'not_in_flight'
    if (message.count !== count) return 'message_gone'
    if (now + millis > message.lastReceivedAt + hours12) return 'visibility_too_long'
    message.visibleAt = now + millis
    return undefined
  }

  /** What returning it unread comes to. */
  giveBack(handle: ModelHandle, now: number): string | undefined {
    const message = this.ofHandle(handle)
    if (message === undefined) return 'message_gone'
    if (message.visibleAt <= now) return 'not_in_flight'
    if (message.count !== handle.count) return 'message_gone'
    message.count--
    message.visibleAt = 0
    return undefined
  }

  /** What deleting it comes to. */
  delete(handle: ModelHandle, now: number): string | undefined {
    const { text, count } = handle
    const message = this.ofHandle(handle)
    if (message === undefined) return undefined
    if (this.settings.fifo && (message.count !== count || message.visibleAt <= now)) return 'handle_expired'
    this.remove(text)
    return undefined
  }

  counts(now: number): number[] {
    const delayed = this.messages.filter((each) => this.isDelayed(each, now)).length
    const inFlight = this.messages.filter((each) => each.visibleAt > now).length
    return [this.messages.length - delayed - inFlight, inFlight, delayed]
  }
}
