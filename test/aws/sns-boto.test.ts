import { suite } from '../suite.ts'
import { testByBoto } from './boto.ts'

const test = suite('SNS by boto3')

await testByBoto(test, 'sns-boto.py')

test.run()
