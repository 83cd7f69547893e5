import { connect } from '/client.js'
import { bindings } from './bindings.js'
import { buses } from './buses.js'
import { bytes, count, element, field, form, perSecond } from './dom.js'
import { functions } from './functions.js'
import { queues } from './queues.js'
import { Rates } from './rates.js'
import { schedules } from './schedules.js'
import { sockets } from './sockets.js'
import { streams } from './streams.js'
import { topics } from './topics.js'

/** By name, as they stand in the address: what draws a list, and one thing of it. */
const views = { streams, queues, topics, buses, schedules, functions, bindings, sockets }
const tokenKey = 'millrace.token'
const lookMillis = 1000

const main = document.querySelector('#main')
const state = document.querySelector('#state')
const rates = new Rates()
let client
/** What is shown: `update` draws what changed, `close` ends what goes on. */
let shown = {}

function navigation(current) {
  const names = Object.keys(views)
  const title = (name) => name[0].toUpperCase() + name.slice(1)
  document
    .querySelector('#views')
    .replaceChildren(
      ...names.map((name) =>
        element('a', { href: `#/${name}`, 'aria-current': name === current ? 'page' : undefined }, title(name)),
      ),
    )
}

async function show() {
  const [, name = 'streams', id] = location.hash.split('/').map(decodeURIComponent)
  const view = views[name] ?? streams
  shown.close?.()
  shown = {}
  navigation(name)
  document.title = id === undefined ? `Millrace: ${name}` : `Millrace: ${id}`
  main.replaceChildren()
  const context = { client, main, rates, call }
  try {
    shown = (await (id === undefined ? view.list(context) : view.one(context, id))) ?? {}
  } catch (error) {
    main.replaceChildren(element('p', { class: 'bad' }, error.message))
  }
  await look()
}

/** One call of the native API. */
function call(method, path, body, query) {
  return client.endpoint.call({
    method,
    path,
    ...(body === undefined ? {} : { body }),
    ...(query === undefined ? {} : { query }),
  })
}

async function look() {
  if (client === undefined || document.hidden) return
  try {
    const inspection = await client.inspect()
    const now = performance.now()
    for (const stream of inspection.streams) {
      let all = 0
      for (const { shard, next } of stream.shards) {
        rates.note(`${stream.name}/${shard}`, next, now)
        all += next
      }
      rates.note(`stream ${stream.name}`, all, now)
    }
    for (const each of inspection.functions) rates.note(`function ${each.name}`, each.invocations, now)
    rates.note('commits', inspection.log.commits, now)
    state.textContent = `${perSecond(rates.of('commits'))} commits · ${bytes(inspection.log.bytes)} of log · ${count(inspection.longStreams)} open streams · ${bytes(inspection.memory.residentBytes)} resident`
    await shown.update?.(inspection)
  } catch (error) {
    state.textContent = error.message
    if (error.code === 'unauthorized') askForToken(error)
  }
}

function askForToken(error) {
  client?.close()
  client = undefined
  shown.close?.()
  shown = {}
  const fields = { token: field('Token', { type: 'password', autocomplete: 'off', required: true }) }
  main.replaceChildren(
    element('h2', {}, 'This broker wants a token'),
    element('p', { class: 'soft' }, error.message),
    form(fields, 'Use it', async ({ token }) => {
      sessionStorage.setItem(tokenKey, token)
      await start()
    }),
  )
}

async function start() {
  const token = sessionStorage.getItem(tokenKey)
  try {
    client = await connect(undefined, token === null ? {} : { token })
    await show()
  } catch (error) {
    if (error.code === 'unauthorized' || error.code === 'forbidden') askForToken(error)
    else state.textContent = error.message
  }
}

addEventListener('hashchange', () => show())
addEventListener('visibilitychange', () => look())
await start()
// One look after the other: a broker that is slow to answer is not asked twice.
for (;;) {
  await new Promise((resolve) => setTimeout(resolve, lookMillis))
  await look()
}
