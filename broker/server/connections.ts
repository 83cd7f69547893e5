import type { ServerResponse } from 'node:http'
import type { ServerHttp2Session } from 'node:http2'
import type { Socket } from 'node:net'
import type { Clock, Timer } from '../clock.ts'
import type { Limits } from '../limits.ts'
import type { Protocol } from './port.ts'

interface Connection {
  readonly socket: Socket
  protocol: Protocol
  /** When it was opened, or when the head of a request began to come; undefined while nothing is half said. */
  waitingSince: number | undefined
  /** Bytes it had said when its last request was whole. */
  bytesAtRest: number
  /** Answers to requests that are being read or worked on, HTTP/1.1 only. */
  readonly answers: Set<ServerResponse>
  /** How many bytes it had taken, and since when it has been no more. */
  bytesWritten: number
  writtenAt: number
}

interface Session {
  readonly session: ServerHttp2Session
  bytesRead: number
  heardAt: number
}

/** What a connection became that speaks HTTP no more. */
export interface Upgraded {
  /** It is looked at every now and then, to end what has overstayed. */
  look(now: number): void
  /** Tells the far side that the broker goes away; the connection ends when that was heard. */
  close(): void
}

/**
 * Who is connected, and who has overstayed: a connection that says nothing, or half a request and no more; a peer that died without
 * a word; a client that takes nothing of its answer. One timer looks at all of them, so that an idle connection costs no timer.
 */
export class Connections {
  readonly #clock: Clock
  readonly #limits: Limits
  /** What is said to a connection whose request does not come whole. */
  readonly #tooSlow: (socket: Socket) => void
  readonly #connections = new Map<Socket, Connection>()
  readonly #sessions = new Map<ServerHttp2Session, Session>()
  readonly #upgraded = new Map<Socket, Upgraded>()
  #timer: Timer

  constructor(clock: Clock, limits: Limits, tooSlow: (socket: Socket) => void) {
    this.#clock = clock
    this.#limits = limits
    this.#tooSlow = tooSlow
    this.#timer = this.#arm()
  }

  /** Connections open now; one with TLS counts once. */
  get count(): number {
    let count = 0
    for (const { protocol } of this.#connections.values()) if (protocol !== 'tls') count++
    return count
  }

  /** Takes note of a socket, or of what it turned out to speak. */
  add(socket: Socket, protocol: Protocol): void {
    const known = this.#connections.get(socket)
    if (known !== undefined) {
      if (protocol !== 'unknown') known.protocol = protocol
      return
    }
    const now = this.#clock.now()
    this.#connections.set(socket, {
      socket,
      protocol,
      waitingSince: now,
      bytesAtRest: 0,
      answers: new Set(),
      bytesWritten: 0,
      writtenAt: now,
    })
    socket.setNoDelay(true)
    socket.on('error', () => undefined)
    socket.on('close', () => this.#closed(socket))
  }

  /** A request came whole, all but its body. */
  began(socket: Socket, answer: ServerResponse): void {
    const connection = this.#connections.get(socket)
    if (connection === undefined) return
    connection.waitingSince = undefined
    connection.answers.add(answer)
    answer.on('close', () => {
      connection.answers.delete(answer)
      connection.bytesAtRest = socket.bytesRead
    })
  }

  /** Whether a request of this socket is being read or answered. */
  busy(socket: Socket): boolean {
    return (this.#connections.get(socket)?.answers.size ?? 0) > 0
  }

  addSession(session: ServerHttp2Session): void {
    this.#sessions.set(session, { session, bytesRead: 0, heardAt: this.#clock.now() })
    session.on('close', () => this.#sessions.delete(session))
  }

  /** Takes note that a connection of HTTP/1.1 is another thing now, and is looked after as that. */
  upgraded(socket: Socket, what: Upgraded): void {
    if (socket.destroyed) return
    this.#upgraded.set(socket, what)
    socket.on('close', () => this.#upgraded.delete(socket))
  }

  /** Ends every connection: idle ones at once, HTTP/2 ones when their streams ended; after `graceMillis` all that are left. */
  async close(graceMillis: number): Promise<void> {
    this.#timer.cancel()
    for (const { socket, protocol, answers } of [...this.#connections.values()]) {
      const idle = protocol === 'http1' && answers.size === 0 && !this.#upgraded.has(socket)
      if (protocol === 'unknown' || idle) socket.destroy()
    }
    const left = [...this.#upgraded].map(([socket, what]) => {
      const closed = new Promise((resolve) => socket.once('close', resolve))
      what.close()
      return closed
    })
    const ended = [...this.#sessions.keys()].map((session) => {
      // Its own callback is never called when the client began to close it first.
      const closed = new Promise((resolve) => session.once('close', resolve))
      session.close()
      return closed
    })
    await new Promise<void>((resolve) => {
      const grace = this.#clock.after(graceMillis, resolve)
      Promise.all([...ended, ...left]).then(() => {
        grace.cancel()
        resolve()
      })
    })
    for (const socket of this.#connections.keys()) socket.destroy()
  }

  #arm(): Timer {
    return this.#clock.after(this.#limits.connectionPassMillis, () => {
      const now = this.#clock.now()
      for (const connection of [...this.#connections.values()]) this.#look(connection, now)
      for (const session of [...this.#sessions.values()]) this.#lookAtSession(session, now)
      for (const each of [...this.#upgraded.values()]) each.look(now)
      this.#timer = this.#arm()
    })
  }

  /**
   * Node tells the answer that was being written that its connection is gone, and leaves those that waited behind it, to requests sent
   * before it was done, in the belief that they will be written.
   */
  #closed(socket: Socket): void {
    const connection = this.#connections.get(socket)
    this.#connections.delete(socket)
    if (connection === undefined || connection.answers.size === 0) return
    process.nextTick(() => {
      for (const answer of [...connection.answers]) answer.emit('close')
    })
  }

  #look(connection: Connection, now: number): void {
    const { socket, protocol, answers } = connection
    if (protocol === 'tls' || protocol === 'http2' || this.#upgraded.has(socket)) return
    if (answers.size > 0) {
      if (socket.writableLength === 0 || socket.bytesWritten !== connection.bytesWritten) {
        connection.bytesWritten = socket.bytesWritten
        connection.writtenAt = now
      } else if (now - connection.writtenAt >= this.#limits.stallMillisMax) socket.destroy()
      return
    }
    if (connection.waitingSince === undefined && socket.bytesRead > connection.bytesAtRest) {
      connection.waitingSince = now
    } else if (connection.waitingSince !== undefined && now - connection.waitingSince >= this.#limits.headMillisMax) {
      if (protocol === 'http1') this.#tooSlow(socket)
      else socket.destroy()
    }
  }

  /** A peer that says nothing is asked for a sign of life, and if it gives none for long enough, it is dead. */
  #lookAtSession(each: Session, now: number): void {
    const { session } = each
    if (session.destroyed) return
    const bytesRead = session.socket.bytesRead
    if (bytesRead !== each.bytesRead) {
      each.bytesRead = bytesRead
      each.heardAt = now
    } else if (now - each.heardAt >= this.#limits.silenceMillisMax) session.destroy()
    else if (now - each.heardAt >= this.#limits.pingMillis) session.ping(() => undefined)
  }
}
