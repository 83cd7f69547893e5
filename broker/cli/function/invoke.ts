import { text } from 'node:stream/consumers'
import type { Command } from 'commander'
import { printLine } from '../output.ts'
import { type BrokerFlags, takesBroker, withClient } from '../with-client.ts'

interface InvokeFlags extends BrokerFlags {
  readonly event?: string
}

export function addInvoke(functions: Command): void {
  const command = functions
    .command('invoke')
    .description('run a function once, with an event from --event or stdin, and print its answer')
    .argument('<name>')
    .option('--event <json>', 'the event; - or nothing reads stdin')
  takesBroker(command).addHelpText('after', help).action(invoke)
}

const help = `
Examples:
  $ millrace function invoke resize --event '{"file": "a.png"}'
  $ millrace function invoke resize < event.json`

async function invoke(name: string, flags: InvokeFlags): Promise<void> {
  await withClient(flags, async ({ endpoint }) => {
    const given = flags.event === undefined || flags.event === '-' ? await text(process.stdin) : flags.event
    const body = { payload: Buffer.from(given.trim() === '' ? '{}' : given) }
    const path = `/v1/functions/${encodeURIComponent(name)}/invocations`
    const result = (await endpoint.call({ method: 'POST', path, body })) as { failed: boolean; payload: Uint8Array }
    await printLine(Buffer.from(result.payload).toString())
    if (result.failed) process.exitCode = 1
  })
}
