import { Command } from 'commander'
import { version } from '../version.ts'

/** The commands in the order of the help, each with what adds it. */
const commands: Readonly<Record<string, () => Promise<(program: Command) => void>>> = {
  serve: () => import('./serve.ts').then(({ addServe }) => addServe),
  stream: () => import('./stream/stream.ts').then(({ addStream }) => addStream),
  put: () => import('./put.ts').then(({ addPut }) => addPut),
  tail: () => import('./tail.ts').then(({ addTail }) => addTail),
  consumers: () => import('./consumers/consumers.ts').then(({ addConsumers }) => addConsumers),
  queue: () => import('./queue/queue.ts').then(({ addQueue }) => addQueue),
  topic: () => import('./topic/topic.ts').then(({ addTopic }) => addTopic),
  bus: () => import('./bus/bus.ts').then(({ addBus }) => addBus),
  function: () => import('./function/function.ts').then(({ addFunction }) => addFunction),
  logs: () => import('./logs.ts').then(({ addLogs }) => addLogs),
  binding: () => import('./binding/binding.ts').then(({ addBinding }) => addBinding),
  schedule: () => import('./schedule/schedule.ts').then(({ addSchedule }) => addSchedule),
  inspect: () => import('./inspect.ts').then(({ addInspect }) => addInspect),
  clock: () => import('./clock.ts').then(({ addClock }) => addClock),
}

/**
 * The `millrace` command line: one line a command. Of a command that is `named` only that one is loaded, since loading is most of what a
 * command takes; without a name, or with one that is none, all of them are, for the help.
 */
export async function makeProgram(named?: string): Promise<Command> {
  const program = new Command('millrace')
    .description('An event streaming broker with fan-out.')
    .version(version)
    .showHelpAfterError('(run with --help for what it takes)')
    .exitOverride()
    .addHelpText('after', help)
  const one = named !== undefined && Object.hasOwn(commands, named) ? commands[named] : undefined
  const loaders = one === undefined ? Object.values(commands) : [one]
  for (const add of await Promise.all(loaders.map((load) => load()))) add(program)
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
