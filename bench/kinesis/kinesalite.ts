import { FetchedPackage } from '../fetched-package.ts'
import { freePort, ServerProcess } from '../server-process.ts'
import { RunningKinesis } from './running-kinesis.ts'
import type { KinesisRival } from './systems.ts'

const fetched = new FetchedPackage('kinesalite', '3.3.3')

/** The Kinesis that most Node tests were written against; HTTP/1.1 alone, no SubscribeToShard. */
export const kinesalite: KinesisRival = {
  name: fetched.name,
  durability: 'in memory, as it runs by itself: nothing is flushed',
  package: fetched,
  async start() {
    const port = await freePort()
    const server = await ServerProcess.start({
      name: fetched.name,
      command: process.execPath,
      args: [fetched.file('cli.js'), '--port', String(port), '--createStreamMs', '0', '--deleteStreamMs', '0'],
      ready: /Listening at/,
    })
    const endpoints = { 'HTTP/1.1': `http://127.0.0.1:${port}` }
    return new RunningKinesis({ name: fetched.name, server, endpoints, pushes: false })
  },
}
