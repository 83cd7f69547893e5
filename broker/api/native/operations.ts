import type { Operation } from '../operation.ts'
import { advanceClock } from './advance-clock.ts'
import { append } from './append.ts'
import { cancelMove } from './cancel-move.ts'
import { cancelReplay } from './cancel-replay.ts'
import { checkpointConsumer } from './checkpoint-consumer.ts'
import { closeSocket } from './close-socket.ts'
import { createArchive } from './create-archive.ts'
import { createBus } from './create-bus.ts'
import { createQueue } from './create-queue.ts'
import { createScheduleGroup } from './create-schedule-group.ts'
import { createStream } from './create-stream.ts'
import { createTopic } from './create-topic.ts'
import { deleteArchive } from './delete-archive.ts'
import { deleteBinding } from './delete-binding.ts'
import { deleteBus } from './delete-bus.ts'
import { deleteConsumer } from './delete-consumer.ts'
import { deleteFaults } from './delete-faults.ts'
import { deleteFunction } from './delete-function.ts'
import { deleteQueue } from './delete-queue.ts'
import { deleteRule } from './delete-rule.ts'
import { deleteSchedule } from './delete-schedule.ts'
import { deleteScheduleGroup } from './delete-schedule-group.ts'
import { deleteStream } from './delete-stream.ts'
import { deleteTopic } from './delete-topic.ts'
import { deleteTopicSubscription } from './delete-topic-subscription.ts'
import { describeBus } from './describe-bus.ts'
import { describeQueue } from './describe-queue.ts'
import { describeStream } from './describe-stream.ts'
import { describeTopic } from './describe-topic.ts'
import { getBinding } from './get-binding.ts'
import { getBindingWindow } from './get-binding-window.ts'
import { getConsumer } from './get-consumer.ts'
import { getEvents } from './get-events.ts'
import { getFaults } from './get-faults.ts'
import { getFunction } from './get-function.ts'
import { getFunctionLogs } from './get-function-logs.ts'
import { getHealth } from './get-health.ts'
import { getInfo } from './get-info.ts'
import { getMetrics } from './get-metrics.ts'
import { getRecords } from './get-records.ts'
import { getReplay } from './get-replay.ts'
import { getRule } from './get-rule.ts'
import { getSchedule } from './get-schedule.ts'
import { inspect } from './inspect.ts'
import { invokeFunction } from './invoke-function.ts'
import { leaveGroup } from './leave-group.ts'
import { listArchives } from './list-archives.ts'
import { listBindings } from './list-bindings.ts'
import { listBuses } from './list-buses.ts'
import { listConsumers } from './list-consumers.ts'
import { listFunctions } from './list-functions.ts'
import { listMoves } from './list-moves.ts'
import { listQueues } from './list-queues.ts'
import { listReplays } from './list-replays.ts'
import { listRules } from './list-rules.ts'
import { listScheduleGroups } from './list-schedule-groups.ts'
import { listSchedules } from './list-schedules.ts'
import { listSocketApis } from './list-socket-apis.ts'
import { listSockets } from './list-sockets.ts'
import { listStreams } from './list-streams.ts'
import { listTopicSubscriptions } from './list-topic-subscriptions.ts'
import { listTopics } from './list-topics.ts'
import { listenTopic } from './listen-topic.ts'
import { mergeShards } from './merge-shards.ts'
import { openQueueSession } from './open-queue-session.ts'
import { pauseBinding } from './pause-binding.ts'
import { pauseSchedule } from './pause-schedule.ts'
import { peekMessages } from './peek-messages.ts'
import { postToSockets } from './post-to-sockets.ts'
import { publishMessages } from './publish-messages.ts'
import { purgeQueue } from './purge-queue.ts'
import { putBinding } from './put-binding.ts'
import { putBindingWindow } from './put-binding-window.ts'
import { putEvents } from './put-events.ts'
import { putFunction } from './put-function.ts'
import { putRecords } from './put-records.ts'
import { putRule } from './put-rule.ts'
import { putSchedule } from './put-schedule.ts'
import { putTopicSubscription } from './put-topic-subscription.ts'
import { receiveMessages } from './receive-messages.ts'
import { renewMember } from './renew-member.ts'
import { reportBinding } from './report-binding.ts'
import { sendMessages } from './send-messages.ts'
import { setFaults } from './set-faults.ts'
import { settleMessages } from './settle-messages.ts'
import { splitShard } from './split-shard.ts'
import { startMove } from './start-move.ts'
import { startReplay } from './start-replay.ts'
import { subscribe } from './subscribe.ts'
import { subscribeBus } from './subscribe-bus.ts'
import { tailEvents } from './tail-events.ts'
import { updateBus } from './update-bus.ts'
import { updateQueue } from './update-queue.ts'
import { updateStream } from './update-stream.ts'
import { updateTopic } from './update-topic.ts'

/** The native API: one line an operation. */
export const nativeOperations: readonly Operation[] = [
  getHealth,
  getInfo,
  listStreams,
  createStream,
  describeStream,
  updateStream,
  deleteStream,
  splitShard,
  mergeShards,
  putRecords,
  getRecords,
  append,
  subscribe,
  tailEvents,
  listConsumers,
  getConsumer,
  checkpointConsumer,
  deleteConsumer,
  renewMember,
  leaveGroup,
  listQueues,
  createQueue,
  describeQueue,
  updateQueue,
  deleteQueue,
  sendMessages,
  peekMessages,
  receiveMessages,
  settleMessages,
  purgeQueue,
  startMove,
  listMoves,
  cancelMove,
  openQueueSession,
  listBuses,
  createBus,
  describeBus,
  updateBus,
  deleteBus,
  putEvents,
  getEvents,
  subscribeBus,
  listRules,
  putRule,
  getRule,
  deleteRule,
  listArchives,
  createArchive,
  deleteArchive,
  listReplays,
  startReplay,
  getReplay,
  cancelReplay,
  setFaults,
  getFaults,
  deleteFaults,
  listFunctions,
  putFunction,
  getFunction,
  deleteFunction,
  invokeFunction,
  getFunctionLogs,
  listBindings,
  putBinding,
  getBinding,
  getBindingWindow,
  putBindingWindow,
  pauseBinding,
  deleteBinding,
  reportBinding,
  listSchedules,
  putSchedule,
  getSchedule,
  pauseSchedule,
  deleteSchedule,
  listScheduleGroups,
  createScheduleGroup,
  deleteScheduleGroup,
  inspect,
  getMetrics,
  advanceClock,
  listTopics,
  createTopic,
  describeTopic,
  updateTopic,
  deleteTopic,
  publishMessages,
  listTopicSubscriptions,
  putTopicSubscription,
  deleteTopicSubscription,
  listenTopic,
  listSockets,
  closeSocket,
  listSocketApis,
  postToSockets,
]
