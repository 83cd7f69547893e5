#!/usr/bin/env node
import { CommanderError } from 'commander'
import { exitCodes } from './cli/exit-codes.ts'
import { endQuietlyWithStdout } from './cli/output.ts'
import { makeProgram } from './cli/program.ts'
import { report } from './cli/report.ts'

endQuietlyWithStdout()
try {
  const program = await makeProgram(process.argv[2])
  await program.parseAsync()
} catch (error) {
  // Help, the version and complaints about usage are printed by then.
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? exitCodes.done : exitCodes.usage
  else process.exitCode = report(error)
}
