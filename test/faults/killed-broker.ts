import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../../broker/millrace.js', import.meta.url))

/** Starts a broker as users do, in a process of its own, and waits until it says where it is. */
export async function start(data: string): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, [program, 'serve', '--port', '0', '--data', data], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const url = await new Promise<string>((resolve, reject) => {
    let output = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      const found = /http:\/\/[0-9.:]+/.exec(output)
      if (found !== null) resolve(found[0])
    })
    child.on('close', () => reject(new Error(`the broker ended: ${output}`)))
  })
  return { child, url }
}

/** Kills it without a word; resolves when it is gone. */
export async function killed(child: ChildProcess): Promise<void> {
  const closed = new Promise((resolve) => child.on('close', resolve))
  child.kill('SIGKILL')
  await closed
}
