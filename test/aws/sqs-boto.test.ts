import { suite } from 'uvu'
import { pythonsWithBoto, runScript } from './boto.ts'

const test = suite('SQS by boto3')

for (const { name, python, known } of await pythonsWithBoto()) {
  const add = known ? test : test.skip
  add(name, () => runScript(python, 'sqs-boto.py'))
}

test.run()
