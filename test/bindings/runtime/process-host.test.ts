import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import type { MillraceError } from '../../../broker/wire/errors.ts'
import { suite } from '../../suite.ts'
import { withHost, writeCode } from './harness.ts'

const test = suite('process host')

const echo = 'export const handler = async (event, context) => ({ event, pid: process.pid, id: context.awsRequestId })'

test('a process is used again, and side by side there are as many as there are invocations', () =>
  withHost(async ({ unit, invoke }) => {
    const slow = await unit({
      'index.mjs': `import { setTimeout } from 'node:timers/promises'
        export const handler = async ({ wait }) => { await setTimeout(wait); return { pid: process.pid } }`,
    })
    const pids = (await Promise.all([200, 200, 200].map((wait) => invoke(slow, { wait })))).map(
      ({ value }) => value['pid'],
    )
    assert.is(new Set(pids).size, 3)
    for (let i = 0; i < 5; i++) assert.ok(pids.includes((await invoke(slow, { wait: 0 })).value['pid']))
  }))

test('beyond the reserved concurrency an invocation is refused, at once', () =>
  withHost(async ({ unit, invoke }) => {
    const one = await unit(
      { 'index.mjs': 'export const handler = () => new Promise((resolve) => setTimeout(resolve, 300, 1))' },
      { concurrencyMax: 1 },
    )
    const running = invoke(one)
    const error = await invoke(one).catch((refused: unknown) => refused)
    assert.is((error as MillraceError).code, 'concurrency_exceeded')
    assert.is((await running).text, '1')
    assert.is((await invoke(one)).text, '1')
  }))

test('with all processes busy who comes waits, and an idle process of another function makes room', () =>
  withHost(
    async ({ unit, invoke }) => {
      const [a, b] = [await unit({ 'index.mjs': echo }), await unit({ 'index.mjs': echo })]
      const all = await Promise.all([...Array(6)].map((_, i) => invoke(i % 2 === 0 ? a : b, i)))
      assert.equal(
        all.map(({ value }) => value['event']),
        [0, 1, 2, 3, 4, 5],
      )
      assert.ok(new Set(all.map(({ value }) => value['pid'])).size > 1)
    },
    { processesMax: 1 },
  ))

test('an infinite loop is killed at its timeout, with all it started; the function goes on in a new process', () =>
  withHost(async ({ unit, invoke }) => {
    const loop = await unit(
      {
        'index.mjs': `import { spawn } from 'node:child_process'
        export const handler = async ({ loop }) => {
          if (!loop) return 'fine'
          console.log('child ' + spawn('sleep', ['600']).pid)
          for (;;) {}
        }`,
      },
      { timeoutMillis: 1_000 },
    )
    const ended = await invoke(loop, { loop: true }, { requestId: 'r-1' })
    assert.ok(ended.failed)
    assert.equal(ended.value, {
      errorType: 'Sandbox.Timedout',
      errorMessage: 'RequestId: r-1 Error: Task timed out after 1.00 seconds',
    })
    assert.match(ended.logText, /r-1 Task timed out after 1.00 seconds/)
    const child = Number(/child (\d+)/.exec(ended.logText)?.[1])
    await new Promise((resolve) => setTimeout(resolve, 50))
    const state = await readFile(`/proc/${child}/stat`, 'latin1').catch(() => '- gone Z')
    assert.match(state, /\) Z|Z$/, 'what it started is dead too, buried or not')
    assert.is((await invoke(loop, {})).text, '"fine"')
  }))

test('who takes more memory than it has is killed', () =>
  withHost(async ({ unit, invoke }) => {
    const hungry = await unit(
      {
        'index.mjs': `const kept = []
        export const handler = async () => { for (;;) { kept.push(Buffer.alloc(8e6, 1)); await new Promise((done) => setTimeout(done, 5)) } }`,
      },
      { memoryMegabytes: 128 },
    )
    const ended = await invoke(hungry, {})
    assert.is(ended.value['errorType'], 'Runtime.OutOfMemory')
  }))

test('an exit in the middle is an error of that invocation alone', () =>
  withHost(async ({ unit, invoke }) => {
    const exiting = await unit({
      'index.mjs':
        'export const handler = async ({ code }) => { if (code !== undefined) process.exit(code); return 1 }',
    })
    const ended = await invoke(exiting, { code: 3 }, { requestId: 'r' })
    assert.equal(ended.value, {
      errorType: 'Runtime.ExitError',
      errorMessage: 'RequestId: r Error: Runtime exited with error: exit status 3',
    })
    assert.match((await invoke(exiting, { code: 0 })).text, /Runtime exited without providing a reason/)
    assert.is((await invoke(exiting, {})).text, '1')
  }))

test('a response of 6,291,556 bytes is taken, one more is not', () =>
  withHost(async ({ unit, invoke }) => {
    const large = await unit({ 'index.mjs': "export const handler = async ({ size }) => 'x'.repeat(size - 2)" })
    assert.is((await invoke(large, { size: 6_291_556 })).payload.length, 6_291_556)
    const refused = await invoke(large, { size: 6_291_557 })
    assert.ok(refused.failed)
    assert.equal(refused.value, {
      errorType: 'Function.ResponseSizeTooLarge',
      errorMessage: 'Response payload size exceeded maximum allowed payload size (6291556 bytes).',
    })
    assert.is((await invoke(large, { size: 3 })).text, '"x"')
  }))

test('code that changes is loaded anew, where its files are watched', () =>
  withHost(async ({ unit, invoke }) => {
    const code = (text: string) => `export const handler = async () => '${text}'`
    const watched = await unit({ 'index.mjs': code('one') }, { watched: true })
    assert.is((await invoke(watched)).text, '"one"')
    await writeCode(join(watched.directory ?? '', 'index.mjs'), code('two, longer'))
    await new Promise((resolve) => setTimeout(resolve, 250))
    assert.is((await invoke(watched)).text, '"two, longer"')
  }))

test('what a function writes is kept as lines, and the last 4 KiB go with the answer', () =>
  withHost(async ({ unit, invoke, host }) => {
    const writes = await unit({
      'index.mjs': `export const handler = async ({ lines }) => {
        for (let i = 0; i < lines; i++) console.log('line ' + i)
        process.stderr.write('no newline')
      }`,
    })
    const { logText } = await invoke(writes, { lines: 2 }, { requestId: 'r' })
    assert.match(logText, /^START RequestId: r Version: \$LATEST\n.*\tr\tINFO\tline 0\n.*line 1\n/)
    assert.match(logText, /END RequestId: r\nREPORT RequestId: r\tDuration: .* ms\tMemory Size: 256 MB\tInit Duration/)
    const many = await invoke(writes, { lines: 500 })
    assert.ok(many.log.length <= 4096)
    assert.match(many.logText, /line 499/)
    assert.not.match(many.logText, /Init Duration/)
    const never = new AbortController().signal
    const lines = await host.logs(writes.name, 0, 0, never)
    assert.ok(lines.some(({ text }) => text.includes('line 250')))
    const last = lines.at(-1)?.number ?? 0
    const waiting = host.logs(writes.name, last + 1, 5_000, never)
    await invoke(writes, { lines: 1 })
    assert.match((await waiting)[0]?.text ?? '', /^START/)
  }))

test('a retired function finishes what it does, and begins anew in another process', () =>
  withHost(async ({ unit, invoke, host }) => {
    const slow = await unit({
      'index.mjs':
        'export const handler = ({ wait }) => new Promise((done) => setTimeout(() => done(process.pid), wait))',
    })
    const running = invoke(slow, { wait: 300 })
    await new Promise((resolve) => setTimeout(resolve, 150))
    host.retire(slow.name)
    const pid = (await running).text
    assert.match(pid, /^\d+$/)
    assert.is.not((await invoke(slow, { wait: 0 })).text, pid)
  }))

test('a handler of the embedding program: answer, error, time', () =>
  withHost(async ({ unit, invoke, embedded }) => {
    const { directory: _, ...rest } = await unit({})
    const own = { ...rest, directory: undefined, timeoutMillis: 50 }
    assert.match((await invoke(own)).text, /has not registered its handler/)
    embedded.set(own.name, async (event, { signal }) => {
      if (event === 'wait') await new Promise((resolve) => signal.addEventListener('abort', resolve))
      if (event === 'throw') throw new RangeError('too far')
      return { event }
    })
    assert.equal((await invoke(own, { a: 1 })).value, { event: { a: 1 } })
    const thrown = await invoke(own, 'throw')
    assert.ok(thrown.failed)
    assert.equal([thrown.value['errorType'], thrown.value['errorMessage']], ['RangeError', 'too far'])
    assert.is((await invoke(own, 'wait')).value['errorType'], 'Sandbox.Timedout')
  }))

test('a closed host takes no more', () =>
  withHost(async ({ unit, invoke, host }) => {
    const one = await unit({ 'index.mjs': echo })
    await host.close()
    const error = await invoke(one).catch((refused: unknown) => refused)
    assert.is((error as MillraceError).code, 'draining')
  }))

test.run()
