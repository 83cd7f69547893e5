import { createHash, createHmac } from 'node:crypto'
import { Agent, request } from 'node:http'
import { connect } from 'node:http2'
import { Main, type MainOptions } from '../../broker/main.ts'

/** A broker with a socket, and ways to call it as AWS's clients do. */
export interface AwsBroker {
  readonly main: Main
  readonly url: string
  /** Faults that nobody was told of. */
  readonly faults: unknown[]
}

/** Runs `body` with a broker in memory that listens. */
export async function withBroker(body: (broker: AwsBroker) => Promise<void>, options: MainOptions = {}): Promise<void> {
  const faults: unknown[] = []
  const main = await Main.start({ memory: true, port: 0, onFault: (error) => faults.push(error), ...options })
  try {
    await body({ main, url: main.url as string, faults })
  } finally {
    await main.close()
  }
}

export interface RawAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}

export interface RawRequest {
  readonly method?: string
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

/** What any signed request carries; the broker believes it unless it has credentials configured. */
export function claim(service: string, { key = 'test', region = 'us-east-1' } = {}): string {
  return `AWS4-HMAC-SHA256 Credential=${key}/20260101/${region}/${service}/aws4_request, SignedHeaders=host, Signature=00`
}

/** One request over HTTP/1.1, on a connection of its own. */
export function send(url: string, { method = 'POST', path = '/', headers = {}, body }: RawRequest): Promise<RawAnswer> {
  const agent = new Agent({ keepAlive: false })
  // Node adds neither a length nor chunks to methods that need no body.
  const framed = body === undefined ? headers : { ...headers, 'content-length': `${Buffer.byteLength(body)}` }
  return new Promise((resolve, reject) => {
    const sent = request(new URL(path, url), { method, headers: framed, agent }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      )
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

/** The same over HTTP/2, on a session of its own. */
export function sendHttp2(
  url: string,
  { method = 'POST', path = '/', headers = {}, body }: RawRequest,
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const session = connect(url)
    session.on('error', reject)
    const stream = session.request({ ':method': method, ':path': path, ...headers })
    const chunks: Buffer[] = []
    let head: RawAnswer['headers'] = {}
    stream.on('response', (received) => {
      head = received as RawAnswer['headers']
    })
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.on('error', reject)
    stream.on('end', () => {
      session.close()
      resolve({ status: Number(head[':status']), headers: head, body: Buffer.concat(chunks) })
    })
    stream.end(body)
  })
}

/** Signs headers by the rules of Signature Version 4, for a request to `/` without parameters. */
export function sign(
  body: string,
  {
    key,
    secret,
    service,
    authority,
    time,
  }: { key: string; secret: string; service: string; authority: string; time: string },
  names: Readonly<Record<string, string>>,
): Record<string, string> {
  const headers: Record<string, string> = { ...names, 'x-amz-date': time }
  const signed = { ...headers, host: authority }
  const list = Object.keys(signed).sort()
  const lines = list.map((name) => `${name}:${signed[name as keyof typeof signed]}\n`).join('')
  const sha = (text: string) => createHash('sha256').update(text).digest('hex')
  const canonical = `POST\n/\n\n${lines}\n${list.join(';')}\n${sha(body)}`
  const scope = `${time.slice(0, 8)}/us-east-1/${service}/aws4_request`
  const hmac = (last: string | Buffer, text: string) => createHmac('sha256', last).update(text).digest()
  const signing = scope.split('/').reduce<string | Buffer>((last, part) => hmac(last, part), `AWS4${secret}`)
  const signature = hmac(signing, `AWS4-HMAC-SHA256\n${time}\n${scope}\n${sha(canonical)}`).toString('hex')
  const authorization = `AWS4-HMAC-SHA256 Credential=${key}/${scope}, SignedHeaders=${list.join(';')}, Signature=${signature}`
  return { ...headers, authorization }
}
