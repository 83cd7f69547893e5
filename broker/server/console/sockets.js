import { count, element, field, form, table, time } from './dom.js'

/** Sockets: who is connected, by the native protocol and by WebSocket APIs; send all clients of an API something, or one of them away. */
export const sockets = {
  list({ main, call }) {
    const totals = element('p', { class: 'soft' })
    const apis = element('div')
    const clients = element('div')
    const send = form(
      {
        api: field('API', { required: true, autocomplete: 'off' }),
        text: field('Message', { tag: 'textarea', wide: true, spellcheck: 'false' }, 'hello'),
      },
      'Send to all of its clients',
      async ({ api, text }) => {
        const path = `/v1/socket-apis/${encodeURIComponent(api)}/messages`
        const { sent, stalled } = await call('POST', path, { messages: [{ text }] })
        return `${count(sent)} have it${stalled === 0 ? '' : `, ${count(stalled)} took nothing and were cut off`}.`
      },
    )
    main.replaceChildren(
      element('h2', {}, 'Sockets'),
      totals,
      element('h3', {}, 'WebSocket APIs'),
      apis,
      element('h3', {}, 'Clients'),
      clients,
      element('h3', {}, 'Send'),
      send,
    )
    const away = (id) => {
      const onclick = () => call('DELETE', `/v1/sockets/${encodeURIComponent(id)}`)
      return element('button', { onclick }, 'Disconnect')
    }
    const apiColumns = [
      ['API', ({ api }) => api],
      ['Name', ({ name }) => name, 'long'],
      ['Stages', ({ stages }) => stages.join(', '), 'long'],
      ['Clients', ({ sockets: connected }) => count(connected), 'number'],
    ]
    const clientColumns = [
      ['Client', ({ id }) => id],
      ['By', ({ door, api, stage }) => (door === 'native' ? 'the native protocol' : `${api}/${stage}`)],
      ['From', ({ sourceIp, userAgent }) => `${sourceIp} ${userAgent}`, 'long'],
      ['Since', ({ connectedAt }) => time(connectedAt)],
      ['Open streams', ({ longStreams }) => (longStreams === undefined ? '' : count(longStreams)), 'number'],
      ['', ({ id }) => away(id)],
    ]
    const update = async () => {
      const [connected, made] = await Promise.all([call('GET', '/v1/sockets'), call('GET', '/v1/socket-apis')])
      totals.textContent = `Connected: ${count(connected.total)}, this page among them.`
      apis.replaceChildren(table(apiColumns, made.apis, 'There are no WebSocket APIs.'))
      // A button that has the focus keeps it.
      if (clients.contains(document.activeElement)) return
      clients.replaceChildren(table(clientColumns, connected.sockets, 'Nobody is connected.'))
    }
    return { update }
  },

  one(context) {
    return sockets.list(context)
  },
}
