import { connect } from '../../client/index.ts'
import { testClient } from '../conformance/client.ts'

testClient({ name: 'a broker in this process', listens: false, open: (broker) => connect(broker) })
