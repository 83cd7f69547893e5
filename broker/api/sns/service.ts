import type { AwsService } from '../aws/operation.ts'
import { addPermission } from './add-permission.ts'
import { confirmSubscription } from './confirm-subscription.ts'
import { createTopic } from './create-topic.ts'
import { deleteTopic } from './delete-topic.ts'
import { getDataProtectionPolicy } from './get-data-protection-policy.ts'
import { getSigningCertificate } from './get-signing-certificate.ts'
import { getSubscriptionAttributes } from './get-subscription-attributes.ts'
import { getTopicAttributes } from './get-topic-attributes.ts'
import { listSubscriptions } from './list-subscriptions.ts'
import { listSubscriptionsByTopic } from './list-subscriptions-by-topic.ts'
import { listTagsForResource } from './list-tags-for-resource.ts'
import { listTopics } from './list-topics.ts'
import { publish } from './publish.ts'
import { publishBatch } from './publish-batch.ts'
import { putDataProtectionPolicy } from './put-data-protection-policy.ts'
import { removePermission } from './remove-permission.ts'
import { setSubscriptionAttributes } from './set-subscription-attributes.ts'
import { setTopicAttributes } from './set-topic-attributes.ts'
import { subscribe } from './subscribe.ts'
import { tagResource } from './tag-resource.ts'
import { translateSns } from './translate.ts'
import { unsubscribe } from './unsubscribe.ts'
import { untagResource } from './untag-resource.ts'

/** Simple Notification Service, version 2010-03-31: one line an operation. */
export const sns: AwsService = {
  name: 'sns',
  targets: [],
  query: { version: '2010-03-31', namespace: 'http://sns.amazonaws.com/doc/2010-03-31/' },
  operations: [
    addPermission,
    confirmSubscription,
    createTopic,
    deleteTopic,
    getDataProtectionPolicy,
    getSubscriptionAttributes,
    getTopicAttributes,
    listSubscriptions,
    listSubscriptionsByTopic,
    listTagsForResource,
    listTopics,
    publish,
    publishBatch,
    putDataProtectionPolicy,
    removePermission,
    setSubscriptionAttributes,
    setTopicAttributes,
    subscribe,
    tagResource,
    unsubscribe,
    untagResource,
  ],
  absent: [
    'CheckIfPhoneNumberIsOptedOut',
    'CreatePlatformApplication',
    'CreatePlatformEndpoint',
    'CreateSMSSandboxPhoneNumber',
    'DeleteEndpoint',
    'DeletePlatformApplication',
    'DeleteSMSSandboxPhoneNumber',
    'GetEndpointAttributes',
    'GetPlatformApplicationAttributes',
    'GetSMSAttributes',
    'GetSMSSandboxAccountStatus',
    'ListEndpointsByPlatformApplication',
    'ListOriginationNumbers',
    'ListPhoneNumbersOptedOut',
    'ListPlatformApplications',
    'ListSMSSandboxPhoneNumbers',
    'OptInPhoneNumber',
    'SetEndpointAttributes',
    'SetPlatformApplicationAttributes',
    'SetSMSAttributes',
    'VerifySMSSandboxPhoneNumber',
  ],
  translate: translateSns,
}

/** Where the links to certificates lead, as AWS has them: a path of their own beside the Query protocol. */
export const snsCertificates: AwsService = {
  name: 'sns-certificates',
  targets: [],
  rest: true,
  operations: [getSigningCertificate],
  absent: [],
}
