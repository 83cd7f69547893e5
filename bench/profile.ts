import { readdir, readFile } from 'node:fs/promises'
import { type Profiler, Session } from 'node:inspector/promises'
import { join } from 'node:path'
import type { ProfileShare, ProfileSummary } from './result.ts'

const functionsMax = 15
/** Waiting is not work. */
const idle = '(idle)'

/** Sums up the profiles that Node wrote into `directory`; undefined when there is none. */
export async function readProfiles(directory: string): Promise<ProfileSummary | undefined> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.cpuprofile'))
  if (names.length === 0) return undefined
  const texts = await Promise.all(names.map((name) => readFile(join(directory, name), 'utf8')))
  return summary(texts.map((text) => JSON.parse(text) as Profiler.Profile))
}

/** Profiles this process while `run` runs. */
export async function profiled(run: () => Promise<void>): Promise<ProfileSummary> {
  const session = new Session()
  session.connect()
  try {
    await session.post('Profiler.enable')
    await session.post('Profiler.start')
    await run()
    const { profile } = await session.post('Profiler.stop')
    return summary([profile])
  } finally {
    session.disconnect()
  }
}

/** Self times by area and by function, largest first. */
export function summary(profiles: readonly Profiler.Profile[]): ProfileSummary {
  const areas = new Map<string, number>()
  const functions = new Map<string, number>()
  for (const profile of profiles) {
    for (const [frame, micros] of selfTimes(profile)) {
      if (frame.functionName === idle) continue
      add(areas, areaOf(frame), micros)
      add(functions, labelOf(frame), micros)
    }
  }
  const busy = [...areas.values()].reduce((sum, micros) => sum + micros, 0)
  return {
    busySeconds: busy / 1e6,
    areas: shares(areas, busy),
    functions: shares(functions, busy).slice(0, functionsMax),
  }
}

/** How long each function was at the top of the stack, in microseconds. */
function selfTimes({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): Map<CallFrame, number> {
  const frames = new Map(nodes.map((node) => [node.id, node.callFrame]))
  const times = new Map<CallFrame, number>()
  for (const [i, id] of samples.entries()) {
    const frame = frames.get(id)
    if (frame !== undefined) add(times, frame, timeDeltas[i] ?? 0)
  }
  return times
}

type CallFrame = Profiler.ProfileNode['callFrame']

/** The part of the house a function belongs to: a floor of ours, a package, a part of Node, or the engine itself. */
function areaOf({ functionName, url }: CallFrame): string {
  if (functionName === '(garbage collector)') return 'garbage collector'
  const own = /\/dist\/(broker\/[^/]+|broker|client|bench)\//.exec(url)
  if (own !== null) return own[1] as string
  const module = /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)
  if (module !== null) return module[1] as string
  if (/^node:.*(http2|h2)/.test(url)) return 'node http2'
  if (/^node:.*(stream|net|buffer|timers|process|async_hooks|events)/.test(url)) return 'node streams and sockets'
  if (url.startsWith('node:')) return 'node, other'
  return 'native code and system calls'
}

function labelOf({ functionName, url, lineNumber }: CallFrame): string {
  const name = functionName === '' ? '(anonymous)' : functionName
  const file = url.replace(/^.*\/(dist|node_modules)\//, '')
  return file === '' ? name : `${name} ${file}:${lineNumber + 1}`
}

function add<K>(sums: Map<K, number>, key: K, amount: number): void {
  sums.set(key, (sums.get(key) ?? 0) + amount)
}

function shares(sums: Map<string, number>, whole: number): ProfileShare[] {
  return [...sums].map(([name, micros]) => ({ name, share: micros / whole })).sort((a, b) => b.share - a.share)
}
