import { connect } from '../../client/index.ts'
import { testClient } from '../conformance/client.ts'

testClient({ name: 'WebSocket', listens: true, open: (broker) => connect((broker.url ?? '').replace('http', 'ws')) })
