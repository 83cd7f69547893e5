import { digits } from './quantity.ts'

/** A line chart over a few named places, such as numbers of consumers. */
export interface Chart {
  readonly title: string
  /** One line below the title: what a reader must know to judge it. */
  readonly subtitle: string
  readonly xLabel: string
  readonly places: readonly string[]
  /** With its unit. */
  readonly yLabel: string
  /** Equal steps for equal ratios; else from 0 in equal steps. */
  readonly logarithmic: boolean
  readonly series: readonly Series[]
}

export interface Series {
  readonly name: string
  /** One for each place; undefined where nothing was measured. */
  readonly points: readonly (Point | undefined)[]
}

export interface Point {
  readonly value: number
  readonly least: number
  readonly most: number
}

const width = 760
const height = 420
const plot = { left: 78, right: 560, top: 76, bottom: 350 } as const
/** Okabe and Ito's colours, which people with any kind of colour vision can tell apart, and which show on black and white. */
const colours = ['#d55e00', '#0072b2', '#009e73', '#cc79a7', '#e69f00', '#56b4e9']
const dashes = ['', '7 4', '2 4', '10 3 2 3', '5 2', '1 3']

/** The chart as an SVG document that follows its reader's light or dark scheme. */
export function chartSvg(chart: Chart): string {
  const scale = scaleOf(chart)
  const parts = [
    `<text class="title" x="16" y="28">${escapeXml(chart.title)}</text>`,
    `<text x="16" y="50">${escapeXml(chart.subtitle)}</text>`,
    ...scale.ticks.map((tick) => gridLine(tick, scale.y(tick))),
    ...chart.places.map((place, i) => placeLabel(place, placeAt(chart, i))),
    `<text class="middle" x="${(plot.left + plot.right) / 2}" y="${plot.bottom + 46}">${escapeXml(chart.xLabel)}</text>`,
    `<text class="middle" transform="translate(20 ${(plot.top + plot.bottom) / 2}) rotate(-90)">${escapeXml(chart.yLabel)}</text>`,
    ...chart.series.map((series, i) => seriesLines(chart, series, i, scale.y)),
    ...endLabels(chart, scale.y),
  ]
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeXml(chart.title)}">
<style>
text { font: 13px system-ui, sans-serif; fill: #24292f; }
.title { font-size: 16px; font-weight: 600; }
.middle { text-anchor: middle; }
.end { text-anchor: end; }
.grid { stroke: #8b949e; stroke-opacity: 0.35; }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3; } }
</style>
${parts.join('\n')}
</svg>
`
}

interface Scale {
  readonly ticks: readonly number[]
  y(value: number): number
}

function scaleOf(chart: Chart): Scale {
  const points = chart.series.flatMap((series) => series.points.filter((point) => point !== undefined))
  const most = Math.max(...points.map((point) => point.most), Number.MIN_VALUE)
  const span = plot.bottom - plot.top
  if (!chart.logarithmic) {
    const step = niceStep(most / 5)
    const top = Math.ceil(most / step) * step
    const ticks = Array.from({ length: Math.round(top / step) + 1 }, (_, i) => i * step)
    return { ticks, y: (value) => plot.bottom - (value / top) * span }
  }
  const least = Math.min(...points.map((point) => point.least).filter((value) => value > 0))
  const low = Math.floor(Math.log10(least))
  const high = Math.max(low + 1, Math.ceil(Math.log10(most)))
  const ticks = Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i))
  const at = (value: number) => (Math.log10(Math.max(value, 10 ** low)) - low) / (high - low)
  return { ticks, y: (value) => plot.bottom - at(value) * span }
}

/** 1, 2 or 5 times a power of ten, at least `step`. */
function niceStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step))
  return power * ([1, 2, 5, 10].find((each) => each * power >= step * (1 - 1e-9)) ?? 10)
}

function placeAt(chart: Chart, i: number): number {
  return plot.left + ((i + 0.5) / chart.places.length) * (plot.right - plot.left)
}

function gridLine(tick: number, y: number): string {
  return (
    `<line class="grid" x1="${plot.left}" x2="${plot.right}" y1="${round(y)}" y2="${round(y)}"/>` +
    `<text class="end" x="${plot.left - 8}" y="${round(y + 4)}">${digits(tick)}</text>`
  )
}

function placeLabel(place: string, x: number): string {
  return `<text class="middle" x="${round(x)}" y="${plot.bottom + 22}">${escapeXml(place)}</text>`
}

/** A line through the medians, and at each a bar from the least to the most. */
function seriesLines(chart: Chart, { points }: Series, i: number, y: (value: number) => number): string {
  const colour = colours[i % colours.length]
  const marks: string[] = []
  const line: string[] = []
  points.forEach((point, place) => {
    if (point === undefined) return
    const x = round(placeAt(chart, place))
    line.push(`${x},${round(y(point.value))}`)
    marks.push(
      `<line stroke="${colour}" x1="${x}" x2="${x}" y1="${round(y(point.least))}" y2="${round(y(point.most))}"/>` +
        `<circle fill="${colour}" cx="${x}" cy="${round(y(point.value))}" r="4"/>`,
    )
  })
  const dash = dashes[i % dashes.length]
  const dashed = dash === '' ? '' : ` stroke-dasharray="${dash}"`
  return `<polyline fill="none" stroke="${colour}" stroke-width="2"${dashed} points="${line.join(' ')}"/>${marks.join('')}`
}

/** Each line's name and last value beside its end, moved apart where they would overlap. */
function endLabels(chart: Chart, y: (value: number) => number): string[] {
  const labels = chart.series.flatMap((series, i) => {
    const last = series.points.findLast((point) => point !== undefined)
    return last === undefined ? [] : [{ text: `${series.name}: ${digits(last.value)}`, y: y(last.value) + 4, i }]
  })
  labels.sort((a, b) => a.y - b.y)
  for (const [i, label] of labels.entries()) {
    const above = labels[i - 1]
    if (above !== undefined) label.y = Math.max(label.y, above.y + 18)
  }
  return labels.map(
    ({ text, y: at, i }) =>
      `<circle fill="${colours[i % colours.length]}" cx="${plot.right + 14}" cy="${round(at - 4)}" r="4"/>` +
      `<text x="${plot.right + 24}" y="${round(at)}">${escapeXml(text)}</text>`,
  )
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
