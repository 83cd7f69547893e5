import { count, element, field, form, link, table, time } from './dom.js'

const pathOf = (name) => `/v1/buses/${encodeURIComponent(name)}`

/** Buses: their rules, what each matched and what did not get to its targets; put an event. */
export const buses = {
  list({ main, call }) {
    const all = element('div')
    main.replaceChildren(element('h2', {}, 'Event buses'), all)
    const columns = [
      ['Bus', ({ name }) => link(name, 'buses', name)],
      ['Rules', ({ rules }) => count(rules), 'number'],
      ['Events kept', ({ shards: [{ first, next }] }) => count(next - first), 'number'],
      ['Description', ({ description }) => description ?? '', 'long'],
    ]
    const update = async () => {
      const answer = await call('GET', '/v1/buses')
      all.replaceChildren(table(columns, answer.buses))
    }
    return { update }
  },

  one({ main, call }, name) {
    const rules = element('div')
    const fields = {
      source: field('Source', { required: true, value: 'console' }),
      type: field('Detail type', { required: true, value: 'Test' }),
      detail: field('Detail, as JSON', { tag: 'textarea', wide: true, spellcheck: 'false' }, '{"hello": "world"}'),
    }
    const put = form(fields, 'Put', async ({ source, type, detail }) => {
      const { events } = await call('POST', `${pathOf(name)}/events`, {
        events: [{ source, type, detail: JSON.parse(detail) }],
      })
      return `It is on disk: ${events[0].id}.`
    })
    main.replaceChildren(
      element('h2', {}, name),
      element('h3', {}, 'Rules'),
      rules,
      element('h3', {}, 'Put an event'),
      put,
    )
    const columns = [
      ['Rule', ({ rule, enabled }) => (enabled ? rule : `${rule} (off)`)],
      ['Matches', ({ pattern, schedule }) => schedule ?? JSON.stringify(pattern), 'long'],
      ['Targets', ({ targets }) => count(targets.length), 'number'],
      ['Matched', ({ matched }) => count(matched), 'number'],
      ['Failed', ({ failed }) => element('span', { class: failed > 0 ? 'bad' : undefined }, count(failed)), 'number'],
      ['Last error', ({ lastError, lastErrorAt }) => (lastError ? `${lastError} · ${time(lastErrorAt)}` : ''), 'long'],
    ]
    const update = async () => {
      const answer = await call('GET', `${pathOf(name)}/rules`)
      rules.replaceChildren(table(columns, answer.rules, 'It has no rules.'))
    }
    return { update }
  },
}
