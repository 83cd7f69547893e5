import type { Command } from 'commander'
import { addAdd } from './add.ts'
import { addDescribe } from './describe.ts'
import { addList } from './list.ts'
import { addPause } from './pause.ts'
import { addRemove } from './remove.ts'

/** `millrace schedule ...` */
export function addSchedule(program: Command): void {
  const command = program.command('schedule').alias('schedules').description('schedules: what happens by the clock')
  addAdd(command)
  addList(command)
  addDescribe(command)
  addPause(command)
  addRemove(command)
}
