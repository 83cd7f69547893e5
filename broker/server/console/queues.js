import { count, element, field, form, link, table, textOf, time } from './dom.js'

const pathOf = (name) => `/v1/queues/${encodeURIComponent(name)}`

/** Queues: what waits, what is in flight, what was given up; send, look, move back, purge. */
export const queues = {
  list({ main, call }) {
    const all = element('div')
    const create = form({ name: field('Name', { required: true }) }, 'Create a queue', async ({ name }) => {
      await call('PUT', pathOf(name), {})
      return `${name} is there.`
    })
    main.replaceChildren(element('h2', {}, 'Queues'), all, element('h3', {}, 'A new one'), create)
    const columns = [
      ['Queue', ({ name }) => link(name, 'queues', name)],
      ['Kind', ({ fifo }) => (fifo ? 'FIFO' : 'standard')],
      ['Waiting', ({ messages }) => count(messages.visible), 'number'],
      ['In flight', ({ messages }) => count(messages.inFlight), 'number'],
      ['Delayed', ({ messages }) => count(messages.delayed), 'number'],
    ]
    return {
      update: (inspection) => all.replaceChildren(table(columns, inspection.queues, 'There are no queues yet.')),
    }
  },

  async one({ main, client, call }, name) {
    const queue = client.queue(name)
    const depth = element('div')
    const described = await queue.describe()
    const listed = (await client.queues()).filter((each) => each.deadLetter?.queue === name).map((each) => each.name)
    main.replaceChildren(
      element('h2', {}, name),
      depth,
      element('p', { class: 'soft' }, deadLetterText(described, listed)),
      element('h3', {}, 'Send a message'),
      sending(queue, described.fifo),
      element('h3', {}, 'Look, without receiving'),
      peeking(queue),
      ...(listed.length === 0 ? [] : [element('h3', {}, 'Move back to where they came from'), redriving(queue)]),
      element('h3', {}, 'Purge'),
      purging(queue, name),
    )
    const columns = [
      ['Waiting', ({ visible }) => count(visible), 'number'],
      ['In flight', ({ inFlight }) => count(inFlight), 'number'],
      ['Delayed', ({ delayed }) => count(delayed), 'number'],
    ]
    const update = (inspection) => {
      const there = inspection.queues.find((each) => each.name === name)
      depth.replaceChildren(table(columns, there === undefined ? [] : [there.messages], 'There is no such queue.'))
    }
    update({ queues: [await call('GET', pathOf(name))] })
    return { update }
  },
}

function deadLetterText({ deadLetter }, sources) {
  const own =
    deadLetter === undefined
      ? 'It has no dead-letter queue.'
      : `After ${deadLetter.maxReceives} receives a message goes to ${deadLetter.queue}.`
  return sources.length === 0 ? own : `${own} It takes the dead letters of ${sources.join(', ')}.`
}

function sending(queue, fifo) {
  const fields = {
    ...(fifo ? { group: field('Group', { required: true, value: 'console' }) } : {}),
    data: field('Data', { tag: 'textarea', wide: true, spellcheck: 'false' }, '{"hello": "world"}'),
  }
  return form(fields, 'Send', async ({ group, data }) => {
    const message = fifo ? { data, group, deduplicationId: crypto.randomUUID() } : { data }
    return `It is on disk: ${(await queue.send(message)).id}.`
  })
}

function peeking(queue) {
  const found = element('div')
  const columns = [
    ['Sent', ({ sentAt }) => time(sentAt)],
    ['State', ({ state }) => state],
    ['Receives', ({ receives }) => count(receives), 'number'],
    ['Data', ({ data }) => textOf(data), 'long'],
  ]
  let next = 0
  const look = form(
    { limit: field('Messages', { type: 'number', min: 1, max: 100, value: 20 }) },
    'Look',
    async ({ limit }) => {
      const page = await queue.peek({ limit: Number(limit), from: next })
      next = page.next ?? 0
      found.replaceChildren(table(columns, page.messages, 'There are no more.'))
      return page.next === undefined ? 'That is the end; the next look begins anew.' : 'There are more: look again.'
    },
  )
  return element('div', {}, look, found)
}

function redriving(queue) {
  return form(
    { perSecond: field('At most a second', { type: 'number', min: 1, value: 100 }) },
    'Move',
    async ({ perSecond }) => {
      const { id } = await queue.startMove({ perSecondMax: Number(perSecond) })
      return `Moving: ${id}.`
    },
  )
}

function purging(queue, name) {
  const fields = { name: field('Type its name, to be sure', { required: true, autocomplete: 'off' }) }
  const purge = async (given) => {
    if (given.name !== name) throw new Error(`That is not ${name}.`)
    await queue.purge()
    return 'It is empty.'
  }
  return form(fields, 'Delete all messages', purge, { danger: true })
}
