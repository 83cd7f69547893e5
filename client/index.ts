export type { BindingDescription } from '../broker/wire/binding.ts'
export type {
  ArchiveDescription,
  BusDescription,
  EventEnvelope,
  EventInput,
  EventTarget,
  ReplayDescription,
  RuleDescription,
  RuleTargetSettings,
} from '../broker/wire/bus-description.ts'
export type { Endpoint, EndpointCall } from '../broker/wire/endpoint.ts'
export { type ErrorBody, type ErrorCode, MillraceError } from '../broker/wire/errors.ts'
export type { MoveTask, PeekedMessage, QueueDescription } from '../broker/wire/queue-description.ts'
export type { RecordInput, StoredRecord } from '../broker/wire/record.ts'
export type { ScheduleDescription } from '../broker/wire/schedule-description.ts'
export type {
  ConsumerDescription,
  ShardDescription,
  StreamDescription,
  StreamSummary,
} from '../broker/wire/stream-description.ts'
export type { SubscriptionDescription, TopicDescription } from '../broker/wire/topic-description.ts'
export type { Batch, ConsumedRecord } from './batch.ts'
export type { BindingHandle, BindingOptions, BindingSourceOptions, BindingTargetOptions } from './binding.ts'
export type { ArchiveOptions, BusHandle, BusOptions, OutgoingEvent, ReplayOptions, RuleOptions } from './bus.ts'
export type { BrokerInfo, Client, Inspection } from './client.ts'
export { connect } from './connect.ts'
export type { EventSubscribeOptions, EventSubscription, ReceivedEvent } from './event-subscription.ts'
export type { Group, GroupOptions } from './group.ts'
export type { BatchHandler, Handler, HandlerContext, RecordHandler } from './group-shard.ts'
export type { Producer, ProducerOptions, PutRecord } from './producer.ts'
export type { PutResult } from './put-sinks.ts'
export type { QueueHandle, QueueOptions, RunOptions } from './queue.ts'
export type { Message, MessageAttribute, OutgoingMessage, SentMessage } from './queue-message.ts'
export type { QueueReceiver, ReceiveOptions } from './queue-receiver.ts'
export type { ScheduleHandle, ScheduleOptions, ScheduleTarget } from './schedule.ts'
export type { CreateStreamOptions, ReadOptions, ReadPage, StreamHandle } from './stream.ts'
export type { From, SubscribeOptions, Subscription } from './subscription.ts'
export type { PublishedMessage, PublishMessage, TopicHandle, TopicOptions, TopicSubscriptionOptions } from './topic.ts'
export type { ListenOptions, TopicListener, TopicMessage } from './topic-listener.ts'
export type { ConnectOptions } from './transports/http2.ts'
