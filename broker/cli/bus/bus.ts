import type { Command } from 'commander'
import { addArchive } from './archive.ts'
import { addArchives } from './archives.ts'
import { addCreate } from './create.ts'
import { addDelete } from './delete.ts'
import { addList } from './list.ts'
import { addPut } from './put.ts'
import { addReplay } from './replay.ts'
import { addReplays } from './replays.ts'
import { addRule } from './rule.ts'
import { addRules } from './rules.ts'
import { addTail } from './tail.ts'

/** `millrace bus …`: one line a command. */
export function addBus(program: Command): void {
  const bus = program.command('bus').alias('buses').description('event buses: put, tail, rules, archives and replays')
  addCreate(bus)
  addList(bus)
  addPut(bus)
  addTail(bus)
  addRule(bus)
  addRules(bus)
  addArchive(bus)
  addArchives(bus)
  addReplay(bus)
  addReplays(bus)
  addDelete(bus)
}
