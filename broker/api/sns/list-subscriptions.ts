import { awsOperation } from '../aws/operation.ts'
import { text } from './members.ts'
import { pageOf } from './pages.ts'
import { showSubscription } from './showing.ts'

/** The subscriptions of all topics, 100 at a time. */
export const listSubscriptions = awsOperation({
  name: 'ListSubscriptions',
  input: { NextToken: text },
  run({ topics }, { NextToken }) {
    const { page, next } = pageOf(topics.subscriptions.list(), ({ name }) => name, NextToken)
    return { Subscriptions: page.map(showSubscription), NextToken: next }
  },
})
