import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { suite } from '../suite.ts'
import { withDirectory } from './broker-process.ts'
import { type CliContext, withCli } from './harness.ts'

const test = suite('millrace function, logs and bindings')

const code = `export const work = async (event) => {
  for (const { kinesis, body } of event.Records ?? []) {
    const text = body ?? Buffer.from(kinesis.data, 'base64').toString()
    console.log('worked on ' + text)
    if (text === 'bad') throw new Error('cannot work on this')
  }
  if (event.fail) throw new Error('asked to')
  return { got: event.value ?? null }
}`

/** Runs `body` with a directory that has a function's code, and the stream and the queue that trigger it. */
function withCode(body: (context: CliContext & { readonly path: string }) => Promise<void>) {
  return withCli((context) =>
    withDirectory(async (directory) => {
      const path = join(directory, 'worker')
      await mkdir(path)
      await writeFile(join(path, 'main.mjs'), code)
      await context.client.stream('orders').create()
      await context.client.queue('jobs').create()
      await body({ ...context, path })
    }),
  )
}

/** Runs a command until what it prints matches. */
async function until(run: CliContext['run'], args: readonly string[], pattern: RegExp): Promise<string> {
  for (;;) {
    const { stdout } = await run(args)
    if (pattern.test(stdout)) return stdout
  }
}

const add = (path: string) => ['function', 'add', 'worker', path, '--handler', 'main.work']

test(
  'a function is added with what triggers it, listed, invoked and removed',
  withCode(async ({ run, path }) => {
    assert.match((await run(['function', 'list'])).stdout, 'millrace function add NAME PATH')
    const added = await run([...add(path), '--on', 'stream:orders', 'queue:jobs', '--batch', '5'])
    assert.is(added.code, 0, added.stderr)
    assert.match(added.stdout, `Function worker runs the code in ${path}.`)
    assert.match(added.stdout, 'Binding worker.orders triggers it by stream orders.')
    assert.match(added.stdout, 'Binding worker.jobs triggers it by queue jobs.')
    const [list, json, given, read, failed, missing, wrong] = await Promise.all([
      run(['function', 'list']),
      run(['function', 'list', '--json']),
      run(['function', 'invoke', 'worker', '--event', '{"value":1}']),
      run(['function', 'invoke', 'worker'], '{"value":2}'),
      run(['function', 'invoke', 'worker', '--event', '{"fail":true}']),
      run(['function', 'invoke', 'wroker', '--event', '{}']),
      run([...add(path), '--on', 'orders']),
    ])
    assert.match(list.stdout, /^worker +nodejs\S+ +main\.work +\S+worker$/m)
    assert.is((JSON.parse(json.stdout) as { handler: string }[])[0]?.handler, 'main.work')
    assert.equal([given.code, given.stdout], [0, '{"got":1}\n'])
    assert.equal([read.code, read.stdout], [0, '{"got":2}\n'])
    assert.is(failed.code, 1)
    assert.match(failed.stdout, 'asked to')
    assert.is(missing.code, 1)
    assert.match(missing.stderr, 'There is no function wroker')
    assert.match(wrong.stderr, 'Give stream:NAME or queue:NAME.')
    assert.is((await run(['function', 'remove', 'worker'])).code, 0)
    assert.match((await run(['function', 'list'])).stdout, 'There are no functions.')
  }),
)

test(
  'what it writes is printed, and followed as it comes',
  withCode(async ({ run, start, client, path }) => {
    await run([...add(path), '--on', 'stream:orders', '--from', 'horizon'])
    const following = start(['logs', 'worker', '-f'])
    await client.stream('orders').put({ key: 'k', data: 'first' })
    await following.printed('worked on first')
    await client.stream('orders').put({ key: 'k', data: 'second' })
    await following.printed('worked on second')
    following.child.kill('SIGINT')
    await following.ended()
    const { stdout } = await run(['logs', 'worker'])
    assert.match(stdout, /START RequestId: \S+ Version: \$LATEST/)
    assert.match(stdout, 'worked on second')
  }),
)

test(
  'bindings are listed with their lag, their last error, and whether they are paused',
  withCode(async ({ run, client, path }) => {
    assert.match((await run(['bindings'])).stdout, 'There are no bindings.')
    await run([...add(path), '--on', 'stream:orders', 'queue:jobs', '--from', 'horizon'])
    await client.stream('orders').put({ key: 'k', data: 'good' })
    await until(run, ['bindings'], /^worker\.orders +stream:orders +function:worker +0 +running +OK$/m)
    await client.stream('orders').put({ key: 'k', data: 'bad' })
    const row = /^worker\.orders .* 1 +running +PROBLEM: Function call failed .*cannot work on this/m
    const listed = await until(run, ['bindings'], row)
    assert.match(listed, /^worker\.jobs +queue:jobs +function:worker +0 +running +-$/m)
    const paused = { method: 'PATCH', path: '/v1/bindings/worker.orders', body: { paused: true } } as const
    await client.endpoint.call(paused)
    assert.match((await run(['bindings'])).stdout, /^worker\.orders .* paused /m)
    const json = JSON.parse((await run(['bindings', '--json'])).stdout) as Record<string, unknown>[]
    assert.equal(
      json.map(({ name, lag, paused: isPaused }) => [name, lag, isPaused]),
      [
        ['worker.jobs', 0, false],
        ['worker.orders', 1, true],
      ],
    )
  }),
)

test.run()
