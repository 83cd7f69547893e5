import * as assert from 'uvu/assert'
import { createBroker } from '../../broker/index.ts'
import { connect } from '../../client/index.ts'
import { testClient } from '../conformance/client.ts'
import { suite } from '../suite.ts'

testClient({ name: 'a broker in this process', listens: false, open: (broker) => connect(broker) })

const test = suite('client in process')

test('many calls at once are nothing to be warned of', async () => {
  const warnings: Error[] = []
  const warned = (warning: Error) => warnings.push(warning)
  process.on('warning', warned)
  const broker = await createBroker({ memory: true })
  const client = await connect(broker)
  try {
    await Promise.all(Array.from({ length: 100 }, (_, i) => client.queue(`q${i}`).create()))
    // Warnings are told in a turn of their own.
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal(warnings, [])
  } finally {
    process.off('warning', warned)
    await client.close()
    await broker.close()
  }
})

test.run()
