import { suite } from '../suite.ts'
import { testByBoto } from './boto.ts'

const test = suite('Lambda by boto3')

await testByBoto(test, 'lambda-boto.py')

test.run()
