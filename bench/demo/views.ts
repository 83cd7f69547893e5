import { table } from '../../broker/cli/table.ts'
import type { Flight } from './flights.ts'

/** What a consumer makes of the flights it reads. */
export interface View {
  readonly title: string
  take(flight: Flight): void
  /** What is known so far, as lines of text. */
  render(): string
}

/** Rows of the tables: all three views fit on a terminal of 24 lines. */
const topCount = 3
/** Airports with fewer flights than this share of all have no mean worth telling. */
const shareMin = 1 / 200

/** Which airports' departures arrive the latest. */
export class DelaysByOrigin implements View {
  readonly title = 'Latest flights, by origin'
  readonly #origins = new Map<string, { flights: number; minutes: number }>()
  #flights = 0

  take({ origin, delay }: Flight): void {
    const sum = this.#origins.get(origin) ?? { flights: 0, minutes: 0 }
    sum.flights++
    sum.minutes += delay
    this.#origins.set(origin, sum)
    this.#flights++
  }

  render(): string {
    const latest = [...this.#origins]
      .filter(([, { flights }]) => flights >= this.#flights * shareMin)
      .map(([origin, { flights, minutes }]) => ({ origin, flights, mean: minutes / flights }))
      .sort((a, b) => b.mean - a.mean || (a.origin < b.origin ? -1 : 1))
      .slice(0, topCount)
    const columns = [
      { name: 'origin' },
      { name: 'flights', align: 'right' },
      { name: 'mean delay', align: 'right' },
    ] as const
    const rows = latest.map(({ origin, flights, mean }) => [origin, `${flights}`, `${mean.toFixed(1)} min`])
    return table(columns, rows)
  }
}

const bars = ' ▁▂▃▄▅▆▇█'

/** How many flights leave in each hour of the day. */
export class FlightsPerHour implements View {
  readonly title = 'Departures by hour of the day'
  readonly #hours = new Array<number>(24).fill(0)

  take({ date }: Flight): void {
    const hour = Number(date.slice(11, 13))
    this.#hours[hour] = (this.#hours[hour] ?? 0) + 1
  }

  render(): string {
    const most = Math.max(1, ...this.#hours)
    const chart = this.#hours.map((flights) => bars[Math.ceil((flights / most) * (bars.length - 1))]?.repeat(2))
    const peak = this.#hours.indexOf(most)
    const caption = peak < 0 ? '' : `   most between ${peak}:00 and ${peak + 1}:00: ${most}`
    return `${chart.join('')}${caption}\n0     3     6     9     12    15    18    21`
  }
}

/** Between which airports most flights go, in either direction. */
export class BusiestRoutes implements View {
  readonly title = 'Busiest routes'
  readonly #routes = new Map<string, { flights: number; distance: number }>()

  take({ origin, destination, distance }: Flight): void {
    const name = [origin, destination].sort().join(' - ')
    const route = this.#routes.get(name) ?? { flights: 0, distance }
    route.flights++
    this.#routes.set(name, route)
  }

  render(): string {
    const busiest = [...this.#routes]
      .sort(([a, { flights: x }], [b, { flights: y }]) => y - x || (a < b ? -1 : 1))
      .slice(0, topCount)
    const columns = [{ name: 'route' }, { name: 'flights', align: 'right' }, { name: 'miles', align: 'right' }] as const
    return table(
      columns,
      busiest.map(([name, { flights, distance }]) => [name, `${flights}`, `${distance}`]),
    )
  }
}
