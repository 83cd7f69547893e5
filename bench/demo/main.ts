// Real flights through a stream, and three consumers that each make something else of them: npm run demo
import { parseArgs } from 'node:util'
import { count, styled } from '../../broker/cli/output.ts'
import { table } from '../../broker/cli/table.ts'
import { createBroker } from '../../broker/index.ts'
import { type Client, connect, type StreamHandle } from '../../client/index.ts'
import { type Flight, flightsMax, readFlights } from './flights.ts'
import { PageServer } from './page-server.ts'
import { Playback } from './playback.ts'
import { Reader } from './reader.ts'
import { Screen } from './screen.ts'
import { BusiestRoutes, DelaysByOrigin, FlightsPerHour } from './views.ts'

const usage = `Usage: npm run demo -- [options]

  --url <url>         a running broker (default: one of its own, in memory)
  --seconds <number>  how long three months take; 0 is as fast as it goes (default: 8)
  --flights <number>  how many of the ${count(flightsMax)} flights (default: all)
  --page              a live chart for a browser, too: the flights begin when it is opened, and Ctrl-C ends it`

const streamName = 'demo-flights'
const shards = 4
/** How often the screen is drawn. */
const drawMillis = 100

interface DemoOptions {
  readonly url: string | undefined
  readonly seconds: number
  readonly flights: number
  readonly page: boolean
}

function optionsIn(args: string[]): DemoOptions {
  const { values } = parseArgs({
    args,
    options: {
      url: { type: 'string' },
      seconds: { type: 'string' },
      flights: { type: 'string' },
      page: { type: 'boolean', default: false },
    },
  })
  const number = (name: string, text: string, min: number, max: number) => {
    const value = Number(text)
    if (text !== '' && value >= min && value <= max) return value
    throw new Error(`--${name} must be ${min} to ${max} and is ${text}`)
  }
  return {
    url: values.url,
    seconds: number('seconds', values.seconds ?? '8', 0, 3600),
    flights: Math.floor(number('flights', values.flights ?? `${flightsMax}`, 1, flightsMax)),
    page: values.page,
  }
}

async function main(options: DemoOptions): Promise<void> {
  const broker = options.url === undefined ? await createBroker({ memory: true, port: 0 }) : undefined
  try {
    const url = options.url ?? broker?.url ?? ''
    const client = await connect(url)
    try {
      const flights = await readFlights(options.flights)
      if (options.page) await withPage(url, () => demo(client, flights, options))
      else await demo(client, flights, options)
    } finally {
      await client.close()
    }
  } finally {
    await broker?.close()
  }
}

/** Runs the demo once its page is open, and leaves the page there until Ctrl-C. */
async function withPage(url: string, work: () => Promise<void>): Promise<void> {
  const page = await PageServer.open(url)
  try {
    console.log(`Open ${page.url}`)
    await page.opened
    await work()
    console.log('The chart stays until Ctrl-C.')
    await new Promise((resolve) => process.once('SIGINT', resolve))
  } finally {
    page.close()
  }
}

async function demo(client: Client, flights: readonly Flight[], { url, seconds }: DemoOptions): Promise<void> {
  const stream = await emptyStream(client)
  const [delays, hours, routes] = [
    new Reader('a subscription', new DelaysByOrigin(), flights.length),
    new Reader('a subscription', new FlightsPerHour(), flights.length),
    new Reader('a group of two', new BusiestRoutes(), flights.length),
  ] as const
  const readers = [delays, hours, routes]
  const stop = new AbortController()
  const members = ['east', 'west'].map((member) => stream.group('routes', { member }))
  const reading = [
    subscribe(stream, delays, stop.signal),
    subscribe(stream, hours, stop.signal),
    ...members.map((member) => member.run(routes.take, { signal: stop.signal })),
  ]
  const playback = new Playback(stream, flights, seconds)
  const screen = new Screen()
  const draw = () => screen.draw(picture(readers, playback, flights.length))
  const drawing = setInterval(draw, drawMillis)
  try {
    const all = playback.run().then(() => Promise.all(readers.map((reader) => reader.done())))
    // A consumer ends before that only with an error.
    await Promise.race([all, Promise.all(reading)])
  } finally {
    clearInterval(drawing)
    stop.abort()
    await Promise.allSettled(reading)
  }
  draw()
  screen.end()
  console.log(`\nAll three consumers read all ${count(flights.length)} flights, each flight once it was durable.`)
  if (url !== undefined)
    console.log(`They are still there: npx millrace tail ${streamName} --from horizon --url ${url}`)
}

/** The demo's own stream, without what an earlier run left. */
async function emptyStream(client: Client): Promise<StreamHandle> {
  const stream = client.stream(streamName)
  if ((await client.streams()).some(({ name }) => name === streamName)) await stream.delete()
  await stream.create({ shards })
  return stream
}

async function subscribe(stream: StreamHandle, reader: Reader, signal: AbortSignal): Promise<void> {
  for await (const batch of stream.subscribe({ from: 'horizon', signal })) {
    for (const record of batch.records) reader.take(record)
  }
}

function picture(readers: readonly Reader[], { put, date }: Playback, total: number): string {
  const columns = [
    { name: 'consumer' },
    { name: 'reads as' },
    { name: 'flights read', align: 'right' },
    { name: 'after append: p50', align: 'right' },
    { name: 'p99', align: 'right' },
  ] as const
  const rows = readers.map((reader) => [
    reader.view.title,
    reader.how,
    count(reader.records),
    `${reader.latency(0.5)} ms`,
    `${reader.latency(0.99)} ms`,
  ])
  const views = readers.map(({ view }) => `${styled('bold', view.title)}\n${view.render()}`)
  const head = `${date}   ${count(put)} of ${count(total)} flights put on ${shards} shards`
  return [head, table(columns, rows), ...views].join('\n\n')
}

try {
  await main(optionsIn(process.argv.slice(2)))
} catch (error) {
  console.error(`demo: ${error instanceof Error ? error.message : String(error)}\n\n${usage}`)
  process.exitCode = 1
}
