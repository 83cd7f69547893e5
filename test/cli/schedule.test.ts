import * as assert from 'uvu/assert'
import { suite } from '../suite.ts'
import { withCli } from './harness.ts'

const test = suite('millrace schedule')

test(
  'a schedule is added, listed with when it fires next, paused, resumed and removed',
  withCli(async ({ run, client }) => {
    assert.match((await run(['schedule', 'list'])).stdout, 'millrace schedule add')
    await client.queue('jobs').create()
    const cron = 'cron(0 9 ? * MON-FRI 2199)'
    const added = await run([
      ...['schedule', 'add', 'report', cron, '--zone', 'Europe/Berlin', '--to', 'queue:jobs'],
      ...['--input', '{"job":1}', '--window', '5m', '--dead-letter', 'jobs'],
    ])
    assert.is(added.code, 0, added.stderr)
    assert.match(added.stdout, /^fires +cron\(0 9 \? \* MON-FRI 2199\), Europe\/Berlin, within 5m$/m)
    assert.match(added.stdout, /^target +queue:jobs$/m)
    assert.match(added.stdout, /^next +2199-01-01 08:00:00Z$/m)
    assert.match(added.stdout, '2199-01-02 08:00:00Z')
    assert.match(
      (await run(['schedule', 'list'])).stdout,
      /^report +cron\(0 9 \? \* MON-FRI 2199\) +Europe\/Berlin +queue:jobs +2199-01-01 08:00:00Z$/m,
    )
    assert.match((await run(['schedule', 'pause', 'report'])).stdout, 'Schedule report is paused.')
    assert.is((await client.schedule('report').describe()).paused, true)
    assert.match((await run(['schedule', 'list'])).stdout, /queue:jobs +paused$/m)
    assert.match((await run(['schedule', 'resume', 'report'])).stdout, 'fires next at 2199-01-01 08:00:00Z')
    const described = await run(['schedule', 'describe', 'report', '--json'])
    assert.equal(JSON.parse(described.stdout), await client.schedule('report').describe())
    assert.is((await run(['schedule', 'remove', 'report'])).code, 0)
    assert.equal(await client.schedules(), [])
  }),
)

test(
  'what is wrong is told, with the name that was probably meant',
  withCli(async ({ run, client }) => {
    await client.queue('jobs').create()
    await client.schedule('report').set('rate(1 day)', { target: { queue: 'jobs' } })
    const [missing, bad, nowhere] = await Promise.all([
      run(['schedule', 'describe', 'reprot']),
      run(['schedule', 'add', 'x', 'cron(0 9 * * * *)', '--to', 'queue:jobs']),
      run(['schedule', 'add', 'x', 'rate(1 day)', '--to', 'jobs']),
    ])
    assert.is(missing.code, 1)
    assert.match(missing.stderr, 'Did you mean report?')
    assert.is(bad.code, 1)
    assert.match(bad.stderr, 'must have ? as its day of month or as its day of week')
    assert.match(nowhere.stderr, 'Give function:NAME')
  }),
)

test.run()
