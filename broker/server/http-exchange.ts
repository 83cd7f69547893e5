import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse, ServerHttp2Stream } from 'node:http2'
import type { Broker } from '../broker.ts'
import { HttpChannel } from './http-channel.ts'

/** A request and its answer, of either version of HTTP. */
export type Request = IncomingMessage | Http2ServerRequest
export type Response = ServerResponse | Http2ServerResponse

/** Whether nobody is there to answer any more; the compatibility layer of HTTP/2 leaves `destroyed` out. */
export function isGone(response: Response): boolean {
  return 'stream' in response ? response.stream === undefined || response.stream.destroyed : response.destroyed
}

/** Tells a client that waits for it to send its body: now it is wanted. */
export function sayContinue(request: Request, response: Response): void {
  if (request.headers.expect?.toLowerCase() === '100-continue' && !isGone(response)) response.writeContinue()
}

/** Answers 200 with `headers` and makes a channel of the two bodies. */
export function openChannel(
  { wall: clock, limits, onFault }: Broker,
  request: Request,
  response: Response,
  headers: Readonly<Record<string, string>>,
): HttpChannel {
  const options = { clock, lingerMillis: limits.lingerMillisMax, onFault }
  if ('stream' in response) {
    // The compatibility layer's own streams would copy and count every chunk once more.
    const stream = response.stream as ServerHttp2Stream
    stream.respond({ ':status': 200, ...headers })
    return new HttpChannel(stream, stream, options)
  }
  response.writeHead(200, headers)
  response.flushHeaders()
  return new HttpChannel(request, response, options)
}

/**
 * The rest of a body that is not wanted. Over HTTP/1.1 it is read for a while, since closing at once would take the answer away
 * from a client that is still sending.
 */
export function seeOff(broker: Broker, request: Request, response: Response): void {
  request.resume()
  const { lingerMillisMax } = broker.limits
  if (!('stream' in response)) {
    destroyAfter(broker, request, lingerMillisMax)
    return
  }
  response.on('finish', () => response.stream.close(0))
  destroyAfter(broker, response, lingerMillisMax)
}

/** A larger answer that its client does not take is not kept for long; the smaller ones are not worth a timer each. */
const unattendedBytesMax = 64 * 1024

/** Ends an answer of `bytes` bytes that nobody takes, if it is large. */
export function boundAnswer(broker: Broker, response: Response, bytes: number): void {
  if (bytes > unattendedBytesMax) destroyAfter(broker, response, broker.limits.stallMillisMax)
}

/** Ends what does not end by itself. */
function destroyAfter(broker: Broker, each: Request | Response, millis: number): void {
  const timer = broker.wall.after(millis, () => each.destroy())
  each.on('close', () => timer.cancel())
}
