import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import { effort, Random } from '../random.ts'
import { suite } from '../suite.ts'
import { writeLog } from './damaged-log.ts'

const test = suite('bit flips')
const program = fileURLToPath(new URL('./read-damaged.js', import.meta.url))
const pageBytes = 4096
/** The header of a page and the first of what it points to: what LMDB itself goes by. */
const structureBytes = 160

/** What came of flipping one bit: `right`, `corrupt`, `died SIGNAL`, or `WRONG` and what was read. */
interface Outcome {
  readonly place: number
  readonly what: string
}

/**
 * Flips bits of `file`, one at a time, and reads all of the log after each. LMDB trusts its pages, so a process that reads a
 * damaged one may die: it is another one, and goes on behind the place it died of.
 */
function flip(directory: string, file: string, places: readonly number[]): Outcome[] {
  const outcomes: Outcome[] = []
  const sound = join(directory, 'sound')
  copyFileSync(join(directory, file), sound)
  while (outcomes.length < places.length) {
    const left = places.slice(outcomes.length).map(String)
    const { stdout, stderr, signal, status } = spawnSync(process.execPath, [program, directory, file, ...left], {
      encoding: 'utf8',
    })
    copyFileSync(sound, join(directory, file))
    const before = outcomes.length
    for (const [, place, what] of stdout.matchAll(/^(\d+) (.*)\n/gm))
      outcomes.push({ place: Number(place), what: what as string })
    if (status === 0) continue
    const dying = /^(\d+) $/m.exec(stdout)?.[1]
    if (dying === undefined && outcomes.length === before) throw new Error(`the reader did not start: ${stderr}`)
    outcomes.push({ place: Number(dying), what: `died ${signal ?? status}` })
  }
  return outcomes
}

/** Bits to flip: anywhere, and half of them where LMDB keeps its own numbers. */
function places(bytes: number, count: number, random: Random): number[] {
  return Array.from({ length: count }, () => {
    const anywhere = random.below(bytes)
    const page = anywhere - (anywhere % pageBytes)
    return 8 * (random.oneIn(2) ? page + random.below(structureBytes) : anywhere) + random.below(8)
  })
}

/** Which file of the log is damaged, and how often. */
const targets: [string, number, (names: string[]) => string | undefined][] = [
  ['a sealed segment', 300, (names) => names.at(0)],
  ['the open segment', 60, (names) => names.at(-1)],
  ['the catalog', 60, () => 'catalog.mdb'],
]

for (const [name, count, choose] of targets) {
  test(`a flipped bit in ${name} is never delivered: what is read is right or store_corrupt`, async () => {
    const directory = mkdtempSync(join(tmpdir(), 'millrace-flips-'))
    try {
      await writeLog(directory)
      const segments = readdirSync(directory).filter((file) => /^log-\d+\.mdb$/.test(file))
      const file = choose(segments) as string
      const outcomes = flip(directory, file, places(statSync(join(directory, file)).size, count * effort, new Random()))
      const of = (word: string) => outcomes.filter(({ what }) => what.startsWith(word))
      console.log(`${name}: ${['right', 'corrupt', 'died'].map((word) => `${of(word).length} ${word}`).join(', ')}`)
      for (const { place, what } of of('died'))
        console.log(`bit ${place % 8} of byte ${Math.floor(place / 8)}: ${what}`)
      assert.equal(of('WRONG'), [])
      assert.is(outcomes.length, count * effort)
      assert.ok(of('corrupt').length > 0, 'some flips must matter, or nothing was read')
      // docs/data-layout.md says how often that was measured; more of it would be news.
      assert.ok(of('died').length <= 3 + 0.02 * outcomes.length, `${of('died').length} deaths`)
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  })
}

test.run()
