import { FetchedPackage } from '../fetched-package.ts'
import { freePort, ServerProcess } from '../server-process.ts'
import { RunningKinesis } from './running-kinesis.ts'
import type { KinesisRival } from './systems.ts'

const fetched = new FetchedPackage('kinesis-local', '0.6.2')

/** kinesis-mock as its npm package; without TLS it speaks HTTP/1.1 alone. */
export const kinesisLocal: KinesisRival = {
  name: fetched.name,
  durability: 'in memory, as it runs by itself: nothing is flushed',
  package: fetched,
  async start() {
    const port = await freePort()
    const env = { KINESIS_MOCK_PLAIN_PORT: String(port), KINESIS_MOCK_TLS_PORT: String(await freePort()) }
    const server = await ServerProcess.start({
      name: fetched.name,
      command: process.execPath,
      args: [fetched.file('main.js')],
      env: { ...env, KINESIS_MOCK_CERT_PATH: fetched.file('server.json'), LOG_LEVEL: 'ERROR' },
      ready: port,
    })
    return new RunningKinesis({ name: fetched.name, server, endpoints: { 'HTTP/1.1': `http://127.0.0.1:${port}` } })
  },
}
