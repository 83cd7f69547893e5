import { connect } from '../../client/index.ts'
import { testClient } from '../conformance/client.ts'

testClient({ name: 'HTTP/2', listens: true, open: (broker) => connect(broker.url ?? '') })
