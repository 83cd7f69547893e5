import { Command } from 'commander'
import { version } from '../version.ts'
import { addBindings } from './bindings.ts'
import { addClock } from './clock.ts'
import { addConsumers } from './consumers/consumers.ts'
import { addFunction } from './function/function.ts'
import { addInspect } from './inspect.ts'
import { addLogs } from './logs.ts'
import { addPut } from './put.ts'
import { addQueue } from './queue/queue.ts'
import { addServe } from './serve.ts'
import { addStream } from './stream/stream.ts'
import { addTail } from './tail.ts'

/** The `millrace` command line: one line a command. Nothing of a command is loaded before it runs but its description. */
export function makeProgram(): Command {
  const program = new Command('millrace')
    .description('An event streaming broker with fan-out.')
    .version(version)
    .showHelpAfterError('(run with --help for what it takes)')
    .exitOverride()
    .addHelpText('after', help)
  addServe(program)
  addStream(program)
  addPut(program)
  addTail(program)
  addConsumers(program)
  addQueue(program)
  addFunction(program)
  addLogs(program)
  addBindings(program)
  addInspect(program)
  addClock(program)
  return program
}

const help = `
A first minute:
  $ millrace serve                                    runs a broker (in a checkout: npm start)
  $ millrace stream create orders --shards 4          in another terminal
  $ echo '{"user": "u1", "total": 42}' | millrace put orders --key /user
  $ millrace tail orders --from horizon

Every command but serve talks to the broker at --url, or MILLRACE_URL, or http://127.0.0.1:4566.

Exit codes:
  0    done
  1    the broker refused, or some lines of a put were not stored
  2    wrong usage
  3    no broker could be reached
  130  ended by Ctrl-C`
