import { count, element, field, form, link, table, time } from './dom.js'

const pathOf = (name) => `/v1/topics/${encodeURIComponent(name)}`

/** Topics: who gets what is published, and what did not get there; publish a message. */
export const topics = {
  list({ main, call }) {
    const all = element('div')
    main.replaceChildren(element('h2', {}, 'Topics'), all)
    const columns = [
      ['Topic', ({ name }) => link(name, 'topics', name)],
      ['Kind', ({ fifo }) => (fifo ? 'FIFO' : 'standard')],
      ['Subscriptions', ({ subscriptions }) => count(subscriptions), 'number'],
    ]
    const update = async () => {
      const page = await call('GET', '/v1/topics', undefined, { limit: '1000' })
      all.replaceChildren(table(columns, page.topics, 'There are no topics yet.'))
    }
    return { update }
  },

  one({ main, call }, name) {
    const subscriptions = element('div')
    const fields = {
      data: field('Message', { tag: 'textarea', wide: true, spellcheck: 'false' }, '{"hello": "world"}'),
    }
    if (name.endsWith('.fifo')) fields.group = field('Group', { required: true, value: 'console' })
    const publish = form(fields, 'Publish', async ({ data, group }) => {
      const message = group === undefined ? { text: data } : { text: data, group, deduplicationId: crypto.randomUUID() }
      const { messages } = await call('POST', `${pathOf(name)}/messages`, { messages: [message] })
      return `It is on disk wherever it goes: ${messages[0].id}.`
    })
    main.replaceChildren(
      element('h2', {}, name),
      element('h3', {}, 'Subscriptions'),
      subscriptions,
      element('h3', {}, 'Publish'),
      publish,
    )
    const columns = [
      [
        'Target',
        ({ target }) =>
          Object.entries(target)
            .map((pair) => pair.join(' '))
            .join(', '),
        'long',
      ],
      ['Filter', ({ filter }) => (filter === undefined ? 'everything' : JSON.stringify(filter)), 'long'],
      ['Waiting', ({ lag }) => count(lag), 'number'],
      ['State', ({ pending, lastError, lastErrorAt }) => stateOf(pending, lastError, lastErrorAt), 'long'],
    ]
    const update = async () => {
      const page = await call('GET', `${pathOf(name)}/subscriptions`, undefined, { limit: '1000' })
      subscriptions.replaceChildren(table(columns, page.subscriptions, 'Nobody has subscribed.'))
    }
    return { update }
  },
}

function stateOf(pending, lastError, lastErrorAt) {
  if (lastError !== undefined) return element('span', { class: 'bad' }, `${lastError} · ${time(lastErrorAt)}`)
  return pending ? 'not confirmed yet' : element('span', { class: 'good' }, 'OK')
}
