import { Packr } from 'msgpackr'
import type { Broker, LongStream } from '../../broker.ts'
import type { Timer } from '../../clock.ts'
import type { Topic, TopicListener } from '../../modes/topic.ts'
import { attributesEvent, bodyEvent, compileFilter } from '../../modes/topic-filter.ts'
import type { Identity } from '../../modes/topic-notice.ts'
import type { TopicMessage } from '../../modes/topic-record.ts'
import type { Channel } from '../../wire/channel.ts'
import { MillraceError } from '../../wire/errors.ts'
import { frame, frameTypes, jsonFrame } from '../../wire/frame.ts'
import type { ListenedMessage } from '../../wire/topic-description.ts'
import { Fields, nameIn } from '../fields.ts'
import type { StreamOperation } from '../operation.ts'
import { jsonIn } from './topic-fields.ts'

const packr = new Packr({ useRecords: false })

/** Listens to what is published while the stream is open; see docs/wire.md, "Listening to a topic". */
export const listenTopic: StreamOperation = {
  method: 'POST',
  path: '/v1/topics/{topic}/listen',
  takes: 'body',
  prepare(broker, request) {
    const topic = broker.topics.get(nameIn(request.params, 'topic'))
    const fields = new Fields(request.body)
    const filter = jsonIn(fields, 'filter')
    const scope = fields.string('filterScope') ?? 'attributes'
    fields.done()
    if (scope !== 'attributes' && scope !== 'body')
      throw fields.invalid('filterScope', 'must be "attributes" or "body"')
    const pattern = filter === undefined ? undefined : compileFilter(filter)
    const wants = (message: TopicMessage) => {
      if (pattern === undefined) return true
      const event = scope === 'body' ? bodyEvent(message) : attributesEvent(message.attributes)
      return event !== undefined && pattern.matches(event)
    }
    broker.requireTaking()
    return (channel) => {
      new Listening(broker, topic, channel, wants).begin()
    }
  },
}

/** One listener's stream: what is published in one turn goes in one frame. One that takes nothing misses nothing unsaid: it is cut off. */
class Listening implements LongStream, TopicListener {
  readonly #broker: Broker
  readonly #topic: Topic
  readonly #channel: Channel
  readonly #wants: (message: TopicMessage) => boolean
  #waiting: ListenedMessage[] = []
  #bytes = 0
  #writable = true
  #scheduled = false
  #wrote = false
  #over = false
  #heartbeat: Timer | undefined

  constructor(broker: Broker, topic: Topic, channel: Channel, wants: (message: TopicMessage) => boolean) {
    this.#broker = broker
    this.#topic = topic
    this.#channel = channel
    this.#wants = wants
  }

  begin(): void {
    this.#broker.add(this)
    this.#topic.listeners.add(this)
    this.#channel.listen({
      data: () => undefined,
      end: () => undefined,
      drain: () => this.#drained(),
      closed: () => this.#close(),
    })
    this.#channel.resume()
    // Whoever opened it knows by this that nothing is missed from now on.
    this.#beat()
  }

  published(message: TopicMessage, { id, time, sequence }: Identity): void {
    if (this.#over || !this.#wants(message)) return
    const { body, subject, group, attributes, trace } = message
    this.#waiting.push({
      id,
      time,
      data: body,
      ...(sequence === undefined ? {} : { sequence }),
      ...(subject === undefined ? {} : { subject }),
      ...(group === undefined ? {} : { group }),
      ...(attributes === undefined ? {} : { attributes }),
      ...(trace === undefined ? {} : { trace }),
    })
    this.#bytes += body.length
    if (this.#bytes > this.#broker.limits.listenerBytesMax) {
      const limit = this.#broker.limits.listenerBytesMax
      this.#end(
        jsonFrame(frameTypes.error, 0, new MillraceError('listener_behind', { topic: this.#topic.name, limit })),
      )
    } else if (!this.#scheduled && this.#writable) {
      this.#scheduled = true
      setImmediate(() => this.#flush())
    }
  }

  /** The topic was deleted. */
  deleted(): void {
    this.#end(jsonFrame(frameTypes.error, 0, new MillraceError('topic_not_found', { topic: this.#topic.name })))
  }

  drain(): void {
    this.#flush()
    this.#end(jsonFrame(frameTypes.drain, 0, {}))
  }

  #flush(): void {
    this.#scheduled = false
    if (this.#over || this.#waiting.length === 0) return
    const messages = this.#waiting.splice(0)
    this.#bytes = 0
    this.#wrote = true
    this.#writable = this.#channel.write(frame(frameTypes.messages, 0, 0, packr.pack(messages)))
  }

  #drained(): void {
    this.#writable = true
    this.#flush()
  }

  #beat(): void {
    const { clock, limits } = this.#broker
    if (!this.#wrote && this.#writable) {
      this.#channel.write(jsonFrame(frameTypes.heartbeat, 0, { time: clock.now() }))
    }
    this.#wrote = false
    this.#heartbeat = clock.after(limits.heartbeatMillisDefault, () => this.#beat())
  }

  #end(last: Uint8Array): void {
    if (this.#over) return
    this.#over = true
    this.#topic.listeners.delete(this)
    this.#channel.write(last)
    this.#channel.end()
  }

  #close(): void {
    this.#over = true
    this.#heartbeat?.cancel()
    this.#topic.listeners.delete(this)
    this.#broker.remove(this)
  }
}
