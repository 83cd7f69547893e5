import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { effort, Random, seed } from '../random.ts'
import { suite } from '../suite.ts'
import { Expectation, faultsIn } from './crash-check.ts'
import { Disk } from './crash-disk.ts'
import type { JournalLine } from './crash-journal.ts'
import { journalName, type Recorder, recorders } from './crash-recording.ts'
import type { TraceEvent } from './crash-trace.ts'

const test = suite('crash images')
const images = Number(process.env['MILLRACE_CRASH_IMAGES'] ?? 150 * effort)
/** The negative control must be caught within this many. */
const controlImages = 500

async function inDirectory<T>(body: (path: string) => Promise<T>): Promise<T> {
  const path = mkdtempSync(join(tmpdir(), 'millrace-crash-'))
  try {
    return await body(path)
  } finally {
    rmSync(path, { recursive: true, force: true })
  }
}

function record(recorder: Recorder, rounds: number, eager: boolean): Promise<TraceEvent[]> {
  return inDirectory((directory) => recorder.record({ directory, rounds, seed, eager }))
}

interface Verdict {
  readonly images: number
  readonly faults: string[]
}

/**
 * Lets the disk crash at `count` places of a recording, in order, opens what each leaves, and checks it; ends at the first image
 * with a fault.
 */
async function crash(events: readonly TraceEvent[], count: number): Promise<Verdict> {
  const random = new Random()
  const places = Array.from({ length: count }, () => random.below(events.length + 1)).sort((a, b) => a - b)
  const disk = new Disk()
  const expected = new Expectation()
  let at = 0
  for (const [i, place] of places.entries()) {
    for (; at < place; at++) take(events[at] as TraceEvent, events, disk, expected)
    const faults = await check(disk.image(random), expected, random)
    if (faults.length > 0) return { images: i + 1, faults: [`after ${place} of ${events.length} events`, ...faults] }
  }
  return { images: count, faults: [] }
}

/** Journal lines are of the outside world: no crash takes them back. All else is the disk's. */
function take(event: TraceEvent, events: readonly TraceEvent[], disk: Disk, expected: Expectation): void {
  disk.apply(event)
  if (event.kind !== 'write' || event.inode !== journalInode(events)) return
  for (const line of Buffer.from(event.data).toString().trim().split('\n'))
    expected.take(JSON.parse(line) as JournalLine)
}

const journalInodes = new WeakMap<readonly TraceEvent[], number>()

function journalInode(events: readonly TraceEvent[]): number {
  const known = journalInodes.get(events)
  if (known !== undefined) return known
  const opened = events.find((event) => event.kind === 'open' && event.path === journalName)
  const inode = opened?.kind === 'open' ? opened.inode : -1
  journalInodes.set(events, inode)
  return inode
}

async function check(image: ReadonlyMap<string, Uint8Array>, expected: Expectation, random: Random): Promise<string[]> {
  return inDirectory(async (path) => {
    const directory = join(path, 'data')
    mkdirSync(directory)
    for (const [name, bytes] of image) {
      if (name === journalName) continue
      // A lock file holds nothing that must survive: whatever a crash leaves in it must do no harm.
      const lock = name.endsWith('-lock')
      if (!lock || random.oneIn(2)) writeFileSync(join(directory, name), lock ? random.bytes(2_000) : bytes)
    }
    return faultsIn(directory, expected)
  })
}

const said = ({ images, faults }: Verdict) => `image ${images}: ${faults.slice(0, 10).join('\n')}`

for (const recorder of recorders) {
  const promise = `whatever a power cut leaves opens with all that was acknowledged or delivered (${recorder.name})`
  const control = `an engine that acknowledges before it flushes is caught (${recorder.name})`
  if (recorder.missing !== undefined) {
    test.skip(promise, recorder.missing)
    test.skip(control, recorder.missing)
    continue
  }
  test(promise, async () => {
    const events = await record(recorder, 100, false)
    const verdict = await crash(events, images)
    assert.equal(verdict.faults, [], said(verdict))
    console.log(`${verdict.images} images of ${events.length} events`)
  })
  test(control, async () => {
    const verdict = await crash(await record(recorder, 40, true), controlImages)
    assert.ok(verdict.faults.length > 0, `not caught in ${verdict.images} images`)
    console.log(`caught in image ${said(verdict).slice(0, 200)}`)
  })
}

test.run()
