import { topicArn } from '../../modes/topic-record.ts'
import { awsOperation } from '../aws/operation.ts'
import { text } from './members.ts'
import { pageOf } from './pages.ts'

/** All topics, by name, 100 at a time. */
export const listTopics = awsOperation({
  name: 'ListTopics',
  input: { NextToken: text },
  run({ topics }, { NextToken }) {
    const { page, next } = pageOf(topics.list(), ({ name }) => name, NextToken)
    return { Topics: page.map(({ record }) => ({ TopicArn: topicArn(record) })), NextToken: next }
  },
})
