import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Chart, chartSvg } from '../../bench/chart.ts'

const test = suite('chart')
const point = (value: number) => ({ value, least: value / 2, most: value * 2 })
const chart: Chart = {
  title: 'A < B & C',
  subtitle: 'both sides',
  xLabel: 'consumers',
  places: ['1', '5'],
  yLabel: 'MB/s',
  logarithmic: false,
  series: [
    { name: 'ours', points: [point(100), point(400)] },
    { name: 'theirs', points: [point(90), undefined] },
  ],
}

/** Where each line's marks are, as [x, y]. */
function marks(svg: string): [number, number][] {
  return [...svg.matchAll(/<circle fill="[^"]+" cx="([\d.]+)" cy="([\d.]+)" r="4"\/>/g)]
    .map((match): [number, number] => [Number(match[1]), Number(match[2])])
    .filter(([x]) => x < 560)
}

test('a value twice as high stands twice as far above zero', () => {
  const [low, high] = marks(chartSvg(chart)) as [[number, number], [number, number]]
  assert.ok(Math.abs((350 - high[1]) / (350 - low[1]) - 4) < 0.05)
})

test('on a logarithmic scale equal ratios are equal distances', () => {
  const series = [{ name: 'ours', points: [point(1), point(10), point(100)] }]
  const svg = chartSvg({ ...chart, places: ['a', 'b', 'c'], logarithmic: true, series })
  const [a, b, c] = marks(svg).map(([, y]) => y) as [number, number, number]
  assert.ok(Math.abs(a - b - (b - c)) < 0.3)
})

test('a place without a figure has no mark', () => {
  assert.is(marks(chartSvg(chart)).length, 3)
})

test('axes carry their labels, text cannot break the markup, and no label covers another', () => {
  const svg = chartSvg(chart)
  for (const text of ['>consumers<', '>MB/s<', '>A &lt; B &amp; C<', '>ours: 400<', '>theirs: 90<']) {
    assert.ok(svg.includes(text), text)
  }
  const close = { ...chart, series: ['a', 'b', 'c'].map((name) => ({ name, points: [point(100), point(400)] })) }
  const labels = [...chartSvg(close).matchAll(/<text x="584" y="([\d.]+)">/g)].map((match) => Number(match[1]))
  assert.is(labels.length, 3)
  for (const [i, y] of labels.slice(1).entries()) assert.ok(y - (labels[i] as number) >= 18)
})

test.run()
