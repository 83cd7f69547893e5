import * as assert from 'uvu/assert'
import { suite } from '../suite.ts'
import { withCli } from './harness.ts'

const test = suite('millrace queue')
const linesOf = (text: string) => text.split('\n').slice(0, -1)

test(
  'a queue is created, changed, listed, purged and deleted',
  withCli(async ({ run, client }) => {
    assert.match((await run(['queue', 'list'])).stdout, 'millrace queue create jobs')
    await client.queue('failed').create()
    const created = await run(['queue', 'create', 'jobs', '--visibility', '2m', '--dead-letter', 'failed:5'])
    assert.is(created.code, 0, created.stderr)
    assert.match(created.stdout, /^invisible +2m once received, 0ms when new$/m)
    assert.match(created.stdout, /^dead letters +to failed after 5 receives$/m)
    const updated = await run(['queue', 'update', 'jobs', '--delay', '0', '--retention', '14d', '--json'])
    assert.equal(JSON.parse(updated.stdout), await client.queue('jobs').describe())
    assert.is((JSON.parse(updated.stdout) as { retentionMillis: number }).retentionMillis, 14 * 86_400_000)
    await client.queue('jobs').send('x')
    const [list, inspected, missing, nothing] = await Promise.all([
      run(['queue', 'list', 'jo']),
      run(['inspect']),
      run(['queue', 'describe', 'job']),
      run(['queue', 'update', 'jobs']),
    ])
    assert.match(list.stdout, /^jobs +1 +0 +0 +14d$/m)
    assert.not.match(list.stdout, 'failed')
    assert.match(inspected.stdout, /^jobs +1 +0 +0$/m)
    assert.is(missing.code, 1)
    assert.match(missing.stderr, 'Did you mean jobs?')
    assert.is(nothing.code, 2)
    assert.is((await run(['queue', 'purge', 'jobs'])).code, 0)
    assert.is((await client.queue('jobs').describe()).messages.visible, 0)
    assert.is((await run(['queue', 'delete', 'jobs', 'failed'])).code, 0)
    assert.equal(await client.queues(), [])
  }),
)

test(
  'lines are sent, looked at, received and deleted, and --keep gives them back',
  withCli(async ({ run, client }) => {
    const queue = client.queue('q')
    await client.queue('dead').create()
    // One that was sent ahead and not printed was not received: it is no dead letter.
    await queue.create({ visibilityMillis: 60_000, deadLetter: { queue: 'dead', maxReceives: 1 } })
    const sent = await run(['queue', 'send', 'q', '--json'], '{"n":1}\nplain\n\n{"n":3}')
    const { millis: _, ...counts } = JSON.parse(sent.stdout) as Record<string, unknown>
    assert.equal(counts, { queue: 'q', messages: 3, failed: 0, blank: 1, bytes: 19 })
    const peeked = await run(['queue', 'peek', 'q', '--json', '--limit', '2'])
    const [first, second] = linesOf(peeked.stdout).map((line) => JSON.parse(line) as Record<string, unknown>)
    assert.equal([first?.['json'], first?.['state'], second?.['text']], [{ n: 1 }, 'visible', 'plain'])
    const kept = await run(['queue', 'receive', 'q', '--keep', '--limit', '1', '--raw'])
    assert.equal(linesOf(kept.stdout), ['{"n":1}'])
    assert.equal((await queue.describe()).messages, { visible: 2, inFlight: 1, delayed: 0 })
    const rest = await run(['queue', 'receive', 'q', '--wait', '300ms'])
    assert.is(rest.code, 0, rest.stderr)
    assert.equal(linesOf(rest.stdout).length, 2)
    assert.match(rest.stdout, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}Z 1x {2}plain$/m)
    assert.equal((await queue.describe()).messages, { visible: 0, inFlight: 1, delayed: 0 })
  }),
)

test(
  'FIFO messages take group and id from their lines, and those without are named',
  withCli(async ({ run, client }) => {
    await client.queue('b.fifo').create()
    const lines = '{"seat":1,"id":"a"}\n{"seat":1,"id":"a"}\n{"seat":2,"id":"b"}\n{"id":"c"}'
    const sent = await run(['queue', 'send', 'b.fifo', '--group', '/seat', '--deduplication-id', '/id'], lines)
    assert.is(sent.code, 1)
    assert.match(sent.stderr, 'line 4: has no text or number at /seat')
    const received = await run(['queue', 'receive', 'b.fifo', '--limit', '2', '--json'])
    const messages = linesOf(received.stdout).map((line) => JSON.parse(line) as Record<string, unknown>)
    assert.equal(
      messages.map(({ group, deduplicationId }) => [group, deduplicationId]),
      [
        ['1', 'a'],
        ['2', 'b'],
      ],
    )
    assert.equal((await client.queue('b.fifo').describe()).messages, { visible: 0, inFlight: 0, delayed: 0 })
    const groupless = await run(['queue', 'send', 'b.fifo'], 'x\ny')
    assert.is(groupless.code, 1)
    assert.match(groupless.stderr, 'each message needs a group')
  }),
)

test(
  'dead letters are moved back to where they came from, or elsewhere',
  withCli(async ({ run, client }) => {
    const [failed, jobs, other] = [client.queue('failed'), client.queue('jobs'), client.queue('other')]
    await failed.create()
    await other.create()
    await jobs.create({ deadLetter: { queue: 'failed', maxReceives: 1 } })
    for (const text of ['a', 'b']) await jobs.send(text)
    const receiver = jobs.receive()
    for (let i = 0; i < 2; i++) await (await receiver.take())?.reject()
    while ((await failed.describe()).messages.visible < 2) await new Promise((resolve) => setTimeout(resolve, 10))
    await receiver.close()
    const back = await run(['queue', 'redrive', 'failed'])
    assert.is(back.code, 0, back.stderr)
    assert.match(back.stdout, 'Moved 2 of 2 messages of failed: completed.')
    assert.is((await jobs.describe()).messages.visible, 2)
    const elsewhere = await run(['queue', 'redrive', 'jobs', '--to', 'other', '--json'])
    assert.is((JSON.parse(elsewhere.stdout) as { moved: number }).moved, 2)
    assert.is((await other.describe()).messages.visible, 2)
    const missing = await run(['queue', 'redrive', 'faild'])
    assert.match(missing.stderr, 'Did you mean failed?')
  }),
)

test(
  'Ctrl-C ends receiving with 130, and what was not printed stays in the queue',
  withCli(async ({ start, client }) => {
    await client.queue('q').create()
    const receive = start(['queue', 'receive', 'q', '--raw'])
    await client.queue('q').send('first')
    await receive.printed('first\n')
    receive.child.kill('SIGINT')
    assert.equal(await receive.ended(), { code: 130, stdout: 'first\n', stderr: '' })
    await client.queue('q').send('second')
    assert.is((await client.queue('q').describe()).messages.visible, 1)
  }),
)

test.run()
