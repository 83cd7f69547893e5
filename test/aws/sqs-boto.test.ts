import { suite } from '../suite.ts'
import { testByBoto } from './boto.ts'

const test = suite('SQS by boto3')

await testByBoto(test, 'sqs-boto.py')

test.run()
