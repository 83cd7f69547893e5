import { count, element, field, form, link, perSecond, table, textOf, time } from './dom.js'

const pathOf = (name) => `/v1/functions/${encodeURIComponent(name)}`
const waitMillis = 10_000
const linesMax = 500

/** Functions: what they did since the broker's start; invoke one, read what it writes. */
export const functions = {
  list({ main, rates }) {
    const all = element('div')
    main.replaceChildren(element('h2', {}, 'Functions'), all)
    const columns = [
      ['Function', ({ name }) => link(name, 'functions', name)],
      ['Invocations', ({ name }) => perSecond(rates.of(`function ${name}`)), 'number'],
      ['Since the start', ({ invocations }) => count(invocations), 'number'],
      ['Errors', ({ errors }) => element('span', { class: errors > 0 ? 'bad' : undefined }, count(errors)), 'number'],
      ['Refused', ({ refusals }) => count(refusals), 'number'],
      ['Mean time', meanText, 'number'],
    ]
    const empty = 'There are no functions. millrace function add NAME PATH makes one.'
    return { update: (inspection) => all.replaceChildren(table(columns, inspection.functions, empty)) }
  },

  async one({ main, rates, call }, name) {
    const described = await call('GET', pathOf(name))
    const figures = element('div')
    const logs = logging(call, name)
    main.replaceChildren(
      element('h2', {}, name),
      element(
        'p',
        { class: 'soft' },
        `${described.runtime}, ${described.handler}, ${described.memoryMegabytes} MB, ${described.timeoutMillis / 1000} s`,
      ),
      figures,
      element('h3', {}, 'Invoke'),
      invoking(call, name),
      element('h3', {}, 'What it writes'),
      logs.element,
    )
    const columns = [
      ['Invocations', () => perSecond(rates.of(`function ${name}`)), 'number'],
      ['Since the start', ({ invocations }) => count(invocations), 'number'],
      ['Errors', ({ errors }) => count(errors), 'number'],
      ['Mean time', meanText, 'number'],
    ]
    const update = (inspection) =>
      figures.replaceChildren(
        table(
          columns,
          inspection.functions.filter((each) => each.name === name),
        ),
      )
    return { update, close: logs.close }
  },
}

function meanText({ invocations, durationMillis }) {
  return invocations === 0 ? '–' : `${(durationMillis / invocations).toFixed(1)} ms`
}

function invoking(call, name) {
  const answer = element('pre', { tabindex: '0', 'aria-label': 'The answer' })
  const fields = { event: field('Event, as JSON', { tag: 'textarea', wide: true, spellcheck: 'false' }, '{}') }
  const invoke = form(fields, 'Invoke', async ({ event }) => {
    const result = await call('POST', `${pathOf(name)}/invocations`, { event: JSON.parse(event) })
    answer.textContent = `${textOf(result.payload)}\n\n${textOf(result.log)}`
    return `${result.failed ? 'It failed' : 'It answered'} after ${result.durationMillis.toFixed(1)} ms.`
  })
  return element('div', {}, invoke, element('div', { class: 'scroll' }, answer))
}

/** The lines of a function, as they come. */
function logging(call, name) {
  const screen = element('pre', { tabindex: '0', 'aria-label': 'Lines that it wrote' })
  const lines = []
  let open = true
  const run = async () => {
    for (let from = 0; open; ) {
      const query = { from: String(from), waitMillis: String(waitMillis) }
      const page = await call('GET', `${pathOf(name)}/logs`, undefined, query)
      if (page.lines.length === 0) continue
      from = page.next
      lines.push(...page.lines.map((line) => `${time(line.time)}  ${line.text}`))
      lines.splice(0, lines.length - linesMax)
      screen.textContent = lines.join('\n')
      screen.scrollTop = screen.scrollHeight
    }
  }
  run().catch((error) => {
    screen.textContent = error.message
  })
  return {
    element: element('div', { class: 'scroll' }, screen),
    close: () => {
      open = false
    },
  }
}
