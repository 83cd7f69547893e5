import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { FetchedPackage } from '../../bench/fetched-package.ts'

const test = suite('fetched packages')

test('one that is not here and was not asked for is said to be missing, with how to get it', async () => {
  const absent = new FetchedPackage('no-such-rival', '0.0.0')
  try {
    await absent.require(false)
    assert.unreachable()
  } catch (error) {
    assert.match((error as Error).message, '--rivals no-such-rival fetches it')
  }
})

test.run()
