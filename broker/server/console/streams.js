import { count, element, field, form, link, perSecond, table, textOf, time } from './dom.js'

const tailedMax = 100

const lagOf = ({ shards }) => shards.reduce((sum, { lag }) => sum + lag, 0)
const keptOf = ({ shards }) => shards.reduce((sum, { first, next }) => sum + next - first, 0)

/** Streams: how fast they grow, who reads them and how far behind; put a record, tail them. */
export const streams = {
  list({ main, rates, call }) {
    const all = element('div')
    const create = form(
      { name: field('Name', { required: true }), shards: field('Shards', { type: 'number', min: 1, value: 1 }) },
      'Create a stream',
      async ({ name, shards }) => {
        await call('PUT', `/v1/streams/${encodeURIComponent(name)}`, { shards: Number(shards) })
        return `${name} is there.`
      },
    )
    main.replaceChildren(element('h2', {}, 'Streams'), all, element('h3', {}, 'A new one'), create)
    const columns = [
      ['Stream', ({ name }) => link(name, 'streams', name)],
      ['Records', ({ name }) => perSecond(rates.of(`stream ${name}`)), 'number'],
      ['Kept', (stream) => count(keptOf(stream)), 'number'],
      ['Shards', ({ shards }) => count(shards.filter(({ status }) => status === 'open').length), 'number'],
      ['Consumers', ({ consumers }) => count(consumers.length), 'number'],
      ['Largest lag', ({ consumers }) => count(Math.max(0, ...consumers.map(lagOf))), 'number'],
    ]
    return {
      update: (inspection) => all.replaceChildren(table(columns, inspection.streams, 'There are no streams yet.')),
    }
  },

  one({ main, rates, client }, name) {
    const chart = element('div')
    const shards = element('div')
    const consumers = element('div')
    const tail = tailing(client, name)
    main.replaceChildren(
      element('h2', {}, name),
      chart,
      element('h3', {}, 'Shards'),
      shards,
      element('h3', {}, 'Consumers'),
      consumers,
      element('h3', {}, 'Put a record'),
      putting(client, name),
      element('h3', {}, 'Tail'),
      tail.element,
    )
    const shardColumns = [
      ['Shard', ({ shard }) => String(shard)],
      ['Status', ({ status }) => status],
      ['Records', ({ shard }) => perSecond(rates.of(`${name}/${shard}`)), 'number'],
      ['First', ({ first }) => count(first), 'number'],
      ['Next', ({ next }) => count(next), 'number'],
    ]
    const consumerColumns = [
      ['Consumer', ({ consumer }) => consumer],
      ['Lag', (consumer) => count(lagOf(consumer)), 'number'],
      ['By shard', (each) => each.shards.map(({ shard, lag }) => `${shard}: ${count(lag)}`).join(', '), 'long'],
    ]
    const update = (inspection) => {
      const stream = inspection.streams.find((each) => each.name === name)
      if (stream === undefined) {
        shards.replaceChildren(element('p', { class: 'bad' }, 'There is no such stream.'))
        return
      }
      chart.replaceChildren(rates.chart(`stream ${name}`, `Records put on ${name}`))
      shards.replaceChildren(table(shardColumns, stream.shards))
      consumers.replaceChildren(table(consumerColumns, stream.consumers, 'Nobody keeps a position here.'))
    }
    return { update, close: tail.close }
  },
}

function putting(client, name) {
  const fields = {
    key: field('Partition key', { required: true, value: 'console' }),
    data: field('Data', { tag: 'textarea', wide: true, spellcheck: 'false' }, '{"hello": "world"}'),
  }
  return form(fields, 'Put', async ({ key, data }) => {
    const { shard, sequence } = await client.stream(name).put({ key, data })
    return `It is on disk: record ${sequence} of shard ${shard}.`
  })
}

/** The newest records as they come, while it is switched on. */
function tailing(client, name) {
  const lines = []
  const screen = element('pre', { tabindex: '0', 'aria-label': 'Records as they come' })
  let subscription
  const stop = () => {
    subscription?.close()
    subscription = undefined
    button.textContent = 'Begin'
  }
  const run = async () => {
    subscription = client.stream(name).subscribe({ from: 'latest' })
    button.textContent = 'Stop'
    const own = subscription
    try {
      for await (const batch of own) {
        for (const { shard, sequence, key, data, time: at } of batch) {
          lines.push(`${time(at)}  ${shard}/${sequence}  ${key}  ${textOf(data)}`)
        }
        lines.splice(0, lines.length - tailedMax)
        screen.textContent = lines.join('\n')
        screen.scrollTop = screen.scrollHeight
      }
    } catch (error) {
      screen.textContent = error.message
    }
    if (subscription === own) stop()
  }
  const button = element('button', { onclick: () => (subscription === undefined ? run() : stop()) }, 'Begin')
  return { element: element('div', {}, button, element('div', { class: 'scroll' }, screen)), close: stop }
}
