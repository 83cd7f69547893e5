import { Main, type MainOptions } from './main.ts'
import type { EmbeddedFunctionOptions } from './modes/embedded-function.ts'
import type { Endpoint } from './wire/endpoint.ts'
import type { EmbeddedHandler } from './wire/function-host.ts'

export { type Clock, ManualClock, RealClock, type Timer } from './clock.ts'
export type { EmbeddedFunctionOptions } from './modes/embedded-function.ts'
export type { Endpoint } from './wire/endpoint.ts'
export { type ErrorBody, type ErrorCode, MillraceError } from './wire/errors.ts'
export type { EmbeddedContext, EmbeddedHandler } from './wire/function-host.ts'

export type CreateBrokerOptions = MainOptions

/** A broker in this process. Close it when done. */
export interface EmbeddedBroker extends AsyncDisposable {
  /** What `connect` of millrace/client takes: the native API without a socket. */
  readonly endpoint: Endpoint
  /** Where it listens; undefined unless a `port` was given. */
  readonly url: string | undefined
  /** The broker's time, milliseconds since 1970. */
  now(): number
  /**
   * Moves the manual clock on, firing what falls due on the way.
   * @throws clock_not_manual
   */
  advance(millis: number): Promise<void>
  /**
   * Registers a handler in this process as the function `name`: it runs when the function is invoked, or by a binding. To be registered
   * anew after every start.
   */
  handle(name: string, handler: EmbeddedHandler, options?: EmbeddedFunctionOptions): Promise<void>
  /** Drains, waits for what was taken in, and closes everything. */
  close(): Promise<void>
}

/**
 * Starts a broker in this process:
 *
 *     const broker = await createBroker({ memory: true, clock: 'manual' })
 *     const client = await connect(broker)
 *     await client.stream('orders').create()
 *
 * @throws store_locked, store_format, store_unusable, store_corrupt, listen_failed, unsafe_address
 */
export async function createBroker(options: CreateBrokerOptions = {}): Promise<EmbeddedBroker> {
  const main = await Main.start(options)
  const close = () => main.close()
  return {
    endpoint: main.endpoint,
    url: main.url,
    now: () => main.broker.clock.now(),
    advance: (millis) => main.broker.advance(millis),
    handle: (name, handler, handlerOptions) => main.handle(name, handler, handlerOptions),
    close,
    [Symbol.asyncDispose]: close,
  }
}
