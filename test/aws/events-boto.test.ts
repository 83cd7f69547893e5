import { suite } from '../suite.ts'
import { testByBoto } from './boto.ts'

const test = suite('EventBridge by boto3')

await testByBoto(test, 'events-boto.py')

test.run()
