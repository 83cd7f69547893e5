import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { onDisk } from '../log/harness.ts'

const test = suite('stream profile')

test('a profile is created and deleted with its stream, and changes one after another survive a restart', () =>
  onDisk(async (open) => {
    const first = await open()
    const stream = await first.streams.create('s', { profile: { tags: { a: '0' } } })
    await first.streams.create('plain')
    const count = (tags: Readonly<Record<string, string>>) => ({ ...tags, a: String(Number(tags['a']) + 1) })
    await Promise.all(
      Array.from({ length: 10 }, () => stream.profile.change((now) => ({ ...now, tags: count(now.tags) }))),
    )
    await stream.profile
      .change(() => {
        throw new Error('no')
      })
      .then(
        () => assert.unreachable(),
        (error: Error) => assert.is(error.message, 'no'),
      )
    await first.close()
    const second = await open()
    assert.equal(second.streams.get('s').profile.current.tags, { a: '10' })
    assert.is(second.streams.get('plain').profile.current.mode, 'PROVISIONED')
    await second.streams.delete('s')
    assert.equal((await second.store.entries('profile/')).length, 0)
    await second.close()
  }))

test.run()
