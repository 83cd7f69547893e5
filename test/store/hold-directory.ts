// Takes a data directory, says so, and keeps it until it is killed: the other process of data-directory.test.ts.
import { holdDirectory } from '../../broker/store/data-directory.ts'

const held = await holdDirectory(process.argv[2] as string)
console.log(`holds ${held.path}`)
setInterval(() => undefined, 60_000)
