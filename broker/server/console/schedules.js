import { element, field, form, table, time } from './dom.js'

const pathOf = ({ name }) => `/v1/schedules/${encodeURIComponent(name)}`

/** Schedules: when each fires next, and what went wrong last; pause one, make one. */
export const schedules = {
  list({ main, call }) {
    const all = element('div')
    const create = form(
      {
        name: field('Name', { required: true }),
        expression: field('When', { required: true, value: 'rate(5 minutes)' }),
        kind: field(
          'To',
          { tag: 'select' },
          ...['queue', 'stream', 'topic', 'function', 'bus'].map((kind) => element('option', {}, kind)),
        ),
        target: field('Its name', { required: true }),
      },
      'Create a schedule',
      async ({ name, expression, kind, target }) => {
        const made = await call('PUT', pathOf({ name }), { expression, target: { [kind]: target } })
        return `It fires next at ${time(made.next[0])}.`
      },
    )
    main.replaceChildren(element('h2', {}, 'Schedules'), all, element('h3', {}, 'A new one'), create)
    const pause = (schedule) => {
      const onclick = () => call('PATCH', pathOf(schedule), { paused: !schedule.paused }, { group: schedule.group })
      return element('button', { onclick }, schedule.paused ? 'Resume' : 'Pause')
    }
    const columns = [
      ['Schedule', ({ group, name }) => (group === 'default' ? name : `${group}/${name}`), 'long'],
      ['When', ({ expression, timeZone }) => `${expression} ${timeZone === 'UTC' ? '' : timeZone}`],
      ['Next', ({ next, paused }) => (paused ? 'paused' : time(next[0]))],
      ['Last', ({ last }) => time(last)],
      ['To', ({ target }) => Object.values(target).join(' '), 'long'],
      ['Last error', ({ lastError }) => element('span', { class: 'bad' }, lastError ?? ''), 'long'],
      ['', pause],
    ]
    const update = async () => {
      const page = await call('GET', '/v1/schedules', undefined, { limit: '200' })
      // A button that has the focus keeps it.
      if (all.contains(document.activeElement)) return
      all.replaceChildren(table(columns, page.schedules, 'There are no schedules yet.'))
    }
    return { update }
  },

  one(context) {
    return schedules.list(context)
  },
}
