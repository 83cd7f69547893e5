/** An element: its attributes, listeners as `onclick` and so on, and what is in it. */
export function element(name, attributes = {}, ...content) {
  const made = document.createElement(name)
  for (const [attribute, value] of Object.entries(attributes)) {
    if (attribute.startsWith('on')) made.addEventListener(attribute.slice(2), value)
    else if (value === true) made.setAttribute(attribute, '')
    else if (value !== false && value !== undefined) made.setAttribute(attribute, value)
  }
  made.append(...content.flat().filter((each) => each !== undefined && each !== null))
  return made
}

/** `columns` are `[title, of row => text or element, kind?]`, kind being `number` or `long`. */
export function table(columns, rows, empty = 'There are none.') {
  if (rows.length === 0) return element('div', { class: 'scroll' }, element('p', { class: 'empty' }, empty))
  const head = columns.map(([title, , kind]) => element('th', { scope: 'col', class: kind }, title))
  const body = rows.map((row) =>
    element(
      'tr',
      {},
      columns.map(([, of, kind]) => element('td', { class: kind }, of(row))),
    ),
  )
  return element(
    'div',
    { class: 'scroll' },
    element('table', {}, element('thead', {}, element('tr', {}, head)), element('tbody', {}, body)),
  )
}

export const link = (text, ...path) => element('a', { href: `#/${path.map(encodeURIComponent).join('/')}` }, text)

export const count = (number) => Number(number).toLocaleString('en')

export const perSecond = (number) => (number === undefined ? '…' : `${count(Math.round(number))}/s`)

export const time = (millis) => (millis === undefined ? '–' : new Date(millis).toLocaleString())

export function bytes(number) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let unit = 0
  for (; number >= 1024 && unit < units.length - 1; unit++) number /= 1024
  return `${unit === 0 ? number : number.toFixed(1)} ${units[unit]}`
}

const decoder = new TextDecoder('utf-8', { fatal: true })

/** Bytes as text where they are text. */
export function textOf(data) {
  if (typeof data === 'string') return data
  try {
    return decoder.decode(data)
  } catch {
    return `${data.length} bytes that are no text`
  }
}

/** A form whose fields are `{name: element}`; `submit` is given their values, and what it returns, or throws, is said below. */
export function form(fields, button, submit, { danger = false } = {}) {
  const note = element('p', { class: 'note', role: 'status' })
  const send = element('button', { class: danger ? 'danger' : 'main' }, button)
  const values = () => Object.fromEntries(Object.entries(fields).map(([name, { input }]) => [name, input.value]))
  const onsubmit = async (event) => {
    event.preventDefault()
    send.disabled = true
    try {
      note.className = 'note good'
      note.textContent = (await submit(values())) ?? 'Done.'
    } catch (error) {
      note.className = 'note bad'
      note.textContent = [error.message, error.fix].filter(Boolean).join(' ')
    } finally {
      send.disabled = false
    }
  }
  const labels = Object.values(fields).map(({ label }) => label)
  return element('div', {}, element('form', { onsubmit }, labels, send), note)
}

/** A field of a form. */
export function field(title, { tag = 'input', wide = false, ...attributes } = {}, ...content) {
  const input = element(tag, attributes, ...content)
  return { input, label: element('label', { class: wide ? 'wide' : undefined }, title, input) }
}
