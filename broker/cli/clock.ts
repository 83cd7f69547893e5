import type { Command } from 'commander'
import { durationArgument } from './duration.ts'
import { printJson, printLine, timeText } from './output.ts'
import { type BrokerFlags, takesBroker, takesJson, withClient } from './with-client.ts'

interface ClockFlags extends BrokerFlags {
  readonly json?: boolean
}

export function addClock(program: Command): void {
  const clock = program.command('clock').description("the broker's time")
  const advance = clock
    .command('advance')
    .description('move the clock of a broker that runs with --clock manual, firing what falls due on the way')
    .argument('<length>', 'how far, such as 10m, 12h or 30d', durationArgument)
  takesJson(takesBroker(advance)).addHelpText('after', help).action(advanceClock)
}

const help = `
Examples:
  $ millrace serve --memory --clock manual
  $ millrace clock advance 12h          twelve hours of timeouts and retention, in no time`

async function advanceClock(millis: number, flags: ClockFlags): Promise<void> {
  await withClient(flags, async ({ endpoint }) => {
    const answer = await endpoint.call({ method: 'POST', path: '/v1/clock/advance', body: { millis } })
    const { now } = answer as { now: number }
    await (flags.json ? printJson({ now }) : printLine(`It is ${timeText(now)} now.`))
  })
}
