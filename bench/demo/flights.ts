import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** A domestic flight in the USA in early 2001, from the records of its Bureau of Transportation Statistics. */
export interface Flight {
  /** `2001/01/31 23:59`, local time of the origin. */
  readonly date: string
  /** Minutes after the planned arrival; before it when negative. */
  readonly delay: number
  /** Miles. */
  readonly distance: number
  /** Airport codes, such as LAX. */
  readonly origin: string
  readonly destination: string
}

/** How many there are to choose from. */
export const flightsMax = 20_000

/** The first `count` flights by time of departure. */
export async function readFlights(count: number): Promise<Flight[]> {
  const require = createRequire(import.meta.url)
  // The package exports no path of its data; its entry module lies beside them.
  const folder = join(dirname(require.resolve('vega-datasets')), '..', 'data')
  const flights = JSON.parse(await readFile(join(folder, 'flights-20k.json'), 'utf8')) as Flight[]
  return flights.sort((a, b) => (a.date < b.date ? -1 : 1)).slice(0, count)
}

/** When a flight left, in milliseconds; good for differences only, since dates are local times. */
export function departure({ date }: Flight): number {
  return Date.parse(`${date.replaceAll('/', '-').replace(' ', 'T')}:00Z`)
}
