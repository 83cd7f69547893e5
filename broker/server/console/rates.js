import { element, perSecond } from './dom.js'

const pointsMax = 120
const millisPerSecond = 1000

/** How fast counters grow: fed with what they stand at, now and then. */
export class Rates {
  #last = new Map()
  #history = new Map()

  /** Takes note that `key` stands at `value` at `now`, in milliseconds. */
  note(key, value, now) {
    const before = this.#last.get(key)
    this.#last.set(key, { value, now })
    if (before === undefined || now <= before.now) return
    const points = this.#history.get(key) ?? []
    points.push(Math.max(0, ((value - before.value) * millisPerSecond) / (now - before.now)))
    if (points.length > pointsMax) points.shift()
    this.#history.set(key, points)
  }

  /** A second; undefined until there were two looks. */
  of(key) {
    return this.#history.get(key)?.at(-1)
  }

  /** The last minutes as a line. */
  chart(key, title) {
    const points = this.#history.get(key) ?? []
    const most = Math.max(1, ...points)
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
    svg.setAttribute('class', 'rate')
    svg.setAttribute('viewBox', `0 0 ${pointsMax} 100`)
    svg.setAttribute('preserveAspectRatio', 'none')
    svg.setAttribute('role', 'img')
    svg.setAttribute('aria-label', `${title}, at most ${Math.round(most)} a second in the last minutes`)
    const line = document.createElementNS('http://www.w3.org/2000/svg', 'polyline')
    const start = pointsMax - points.length
    line.setAttribute('points', points.map((point, i) => `${start + i},${98 - (point / most) * 86}`).join(' '))
    svg.append(line)
    const caption = `${perSecond(points.at(-1))} now, at most ${perSecond(most)} in the last minutes`
    return element('div', {}, element('div', { class: 'scroll' }, svg), element('p', { class: 'soft' }, caption))
  }
}
