import { count, element, table, time } from './dom.js'

const targetText = (target) =>
  Object.entries(target)
    .filter(([name]) => name !== 'kind')
    .map(([, value]) => value)
    .join(' ')

/** Bindings: what triggers what, how far behind it is, and what went wrong last. */
export const bindings = {
  list({ main, call }) {
    const all = element('div')
    main.replaceChildren(element('h2', {}, 'Bindings'), all)
    const pause = (name, paused) =>
      element(
        'button',
        { onclick: () => call('PATCH', `/v1/bindings/${encodeURIComponent(name)}`, { paused: !paused }) },
        paused ? 'Resume' : 'Pause',
      )
    const columns = [
      ['Binding', ({ name }) => name, 'long'],
      ['Source', ({ source }) => `${source.kind} ${source[source.kind] ?? source.name ?? ''}`],
      ['Target', ({ target }) => `${target.kind} ${targetText(target)}`, 'long'],
      ['Lag', ({ lag }) => count(lag), 'number'],
      ['Last result', ({ status }) => resultOf(status), 'long'],
      ['', ({ name, paused, source }) => (['stream', 'queue'].includes(source.kind) ? pause(name, paused) : '')],
    ]
    const empty = 'There are no bindings.'
    const update = async () => {
      const { bindings: rows } = await call('GET', '/v1/bindings')
      // A button that has the focus keeps it.
      if (all.contains(document.activeElement)) return
      all.replaceChildren(table(columns, rows, empty))
    }
    return { update }
  },

  one(context) {
    return bindings.list(context)
  },
}

function resultOf(status) {
  if (status === undefined) return 'nothing yet'
  const text = [status.lastResult, status.lastError, time(status.at)].filter(Boolean).join(' · ')
  return element('span', { class: status.lastResult === 'OK' ? 'good' : 'bad' }, text)
}
