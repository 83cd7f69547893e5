/**
 * Every bound of the broker, the unit last in the name. Sizes, counts and names are as AWS has them where AWS has them;
 * rate quotas apply only in the strict set.
 */
export const limits = {
  /** Streams a broker holds. */
  streamsMax: 10_000,
  /** Open shards of one stream (AWS: 10,000 per UpdateShardCount). */
  shardsPerStreamMax: 10_000,
  /** Open shards of all streams together, ... */
  shardsPerAccountMax: 100_000,
  /** ... and with AWS's quotas, what it grants an account in most regions. */
  shardsPerAccountStrictMax: 500,
  /** On-demand streams, as DescribeLimits tells it (AWS: 50). */
  onDemandStreamsMax: 50,
  /** Consumers with enhanced fan-out, per stream (AWS: 20). */
  fanOutConsumersMax: 20,
  /** How long one SubscribeToShard goes on (AWS: 5 minutes). */
  fanOutMillisMax: 5 * 60 * 1000,
  /** How long a SubscribeToShard keeps the next one of the same consumer and shard out (AWS: 5 seconds). */
  fanOutIntervalMillisMin: 5_000,
  /** How often a Kinesis subscription that has nothing to say says so. */
  fanOutHeartbeatMillis: 5_000,
  /** Events made of recent runs, kept for all who subscribe. */
  fanOutEventBytesMax: 32 * 1024 * 1024,
  /** Key and data of one record, unless its stream raises it. */
  recordBytesDefault: 1024 * 1024,
  /** How far a stream may raise it (AWS MaxRecordSizeInKiB: 10,240). */
  recordBytesMax: 10 * 1024 * 1024,
  /** One block, header included: the largest record and room for its key. */
  blockBytesMax: 12 * 1024 * 1024,
  /** The payload of one frame. */
  frameBytesMax: 16 * 1024 * 1024,
  /** What one group commit gathers before the rest waits for the next. */
  commitBytesMax: 16 * 1024 * 1024,
  /** Bytes taken in and not yet durable, all producers together; above it they are throttled. */
  inFlightBytesMax: 64 * 1024 * 1024,
  /** Bytes of one append session not yet durable, above which it is not read. */
  sessionInFlightBytesMax: 8 * 1024 * 1024,
  /** Recent commits kept in memory for live readers. */
  tailBytesMax: 32 * 1024 * 1024,
  /** What one read of a catching-up cursor takes from the store. */
  readBytesMax: 256 * 1024,
  /** What was read last, for those who catch up side by side. */
  sharedReadBytesMax: 2 * 1024 * 1024,
  /** Connections open at once. */
  connectionsMax: 20_000,
  /** A JSON request body. */
  bodyBytesMax: 16 * 1024 * 1024,
  /** Bodies of AWS requests being read or worked on, all together; above it the next ones wait in their sockets. */
  bodiesBytesMax: 32 * 1024 * 1024,
  /** Bodies and unfinished frames held at once, all clients together; above it they are throttled. */
  unfinishedBytesMax: 128 * 1024 * 1024,
  /** How long a request body may take to come. */
  bodyMillisMax: 2 * 60 * 1000,
  /** How long the first bytes of a connection, or a request without its body, may take to come. */
  headMillisMax: 10_000,
  /** A connection of HTTP/1.1 without a request is kept this long. */
  idleMillisMax: 60_000,
  /** A peer of HTTP/2 that is silent for this long is asked for a sign of life, ... */
  pingMillis: 30_000,
  /** ... and after this long it is taken for dead. */
  silenceMillisMax: 2 * 60 * 1000,
  /** How often connections are looked at. */
  connectionPassMillis: 2_000,
  /** How long the far side may take to end a stream, or to stop sending what is not wanted. */
  lingerMillisMax: 5_000,
  /** Keys and data of one get over plain HTTP (AWS GetRecords: 10 MiB). */
  getBytesMax: 10 * 1024 * 1024,
  /** Records of one put or get over plain HTTP. */
  recordsPerCallMax: 10_000,
  /** A segment is sealed at this size, ... */
  segmentBytesMax: 256 * 1024 * 1024,
  /** ... this many commits (so that a start scans a bounded number), ... */
  segmentCommitsMax: 200_000,
  /** ... or this age. */
  segmentAgeMillisMax: 60 * 60 * 1000,
  /** Sealed segments kept open for reading at once: each is 3 file descriptors and a map. */
  openSegmentsMax: 16,
  /** Indexes of sealed segments kept in memory for readers. */
  indexCacheBytesMax: 64 * 1024 * 1024,
  /** Producers remembered per shard for idempotence; the one idle longest is forgotten first. */
  producersPerShardMax: 1_000,
  /** Blocks remembered per producer and shard: a producer's window of retries. */
  producerWindowBlocks: 8,
  /** Retention. */
  retentionMillisDefault: 24 * 60 * 60 * 1000,
  retentionMillisMin: 1_000,
  /** How often expired segments are looked for. */
  retentionPassMillis: 30_000,
  retentionMillisMax: 8_760 * 60 * 60 * 1000,
  /** Consumers with checkpoints, per stream. */
  consumersPerStreamMax: 1_000,
  /** Members of one group. */
  membersPerGroupMax: 1_000,
  leaseMillisDefault: 10_000,
  leaseMillisMin: 500,
  leaseMillisMax: 5 * 60 * 1000,
  /** How long one group call may wait for news. */
  waitMillisMax: 20_000,
  /** Queues a broker holds. */
  queuesMax: 10_000,
  /** Body and attributes of one message (AWS: 1 MiB since August 2025). */
  messageBytesMax: 1024 * 1024,
  messageBytesMin: 1024,
  /** Messages of one native send or receive, and of one frame of a queue session. */
  messagesPerCallMax: 1_000,
  /** Messages of a queue in flight at once (AWS: about 120,000). */
  queueInFlightMax: 120_000,
  /** Messages read ahead past groups that are locked or noisy. */
  queueWindowMax: 120_000,
  /** How many of those one receive reads. */
  queueLookAheadMax: 1_000,
  /** Queues that keep what they read last at hand. */
  queueReadersMax: 64,
  /** How long a message deduplication id, and the id of a receive attempt, count. */
  deduplicationMillis: 5 * 60 * 1000,
  /** Receive attempts remembered per queue. */
  receiveAttemptsMax: 1_000,
  visibilityMillisDefault: 30_000,
  /** From a receive on, all extensions included. */
  visibilityMillisMax: 12 * 60 * 60 * 1000,
  delayMillisMax: 15 * 60 * 1000,
  queueRetentionMillisDefault: 4 * 24 * 60 * 60 * 1000,
  queueRetentionMillisMin: 60_000,
  queueRetentionMillisMax: 14 * 24 * 60 * 60 * 1000,
  maxReceivesMax: 1_000,
  /** Move tasks remembered per queue. */
  moveTasksMax: 10,
  /** Messages one commit of a move task moves. */
  moveBatchMax: 100,
  moveRateMax: 500,
  heartbeatMillisDefault: 10_000,
  heartbeatMillisMin: 100,
  heartbeatMillisMax: 60_000,
  /** A reader that takes nothing for this long, while there is something for it, is cut off. */
  stallMillisMax: 5 * 60 * 1000,
  /** How long a fault that is set for tests may hold up a call. */
  faultLatencyMillisMax: 60_000,
  /** Functions a broker holds. */
  functionsMax: 1_000,
  /** The code of a function or a layer as it is sent, ... */
  functionCodeBytesMax: 52_428_800,
  /** ... unpacked, all layers included, ... */
  functionUnzippedBytesMax: 262_144_000,
  /** ... and in how many files. */
  functionFilesMax: 100_000,
  /** A request that brings code: it is base64 there (AWS CreateFunction: 70,167,211). */
  functionBodyBytesMax: 70_167_211,
  /** Names and values of a function's environment variables. */
  functionEnvironmentBytesMax: 4_096,
  /** Versions of a function, and of a layer, kept. */
  functionVersionsMax: 1_000,
  layersPerFunctionMax: 5,
  functionTimeoutSecondsDefault: 3,
  functionTimeoutSecondsMax: 900,
  functionMemoryMegabytesDefault: 128,
  functionMemoryMegabytesMax: 10_240,
  /** Processes of functions at once; who comes when all are busy waits in line. */
  functionProcessesMax: 64,
  /** The event of an invocation whose answer is waited for. */
  invocationBytesMax: 6 * 1024 * 1024,
  /** The event of an invocation whose answer nobody waits for. */
  asyncInvocationBytesMax: 1024 * 1024,
  /** Events of all invocations together whose answer nobody waits for, until they are done with. */
  asyncInvocationsBytesMax: 64 * 1024 * 1024,
  /** How often such an invocation is tried again, ... */
  asyncRetriesMax: 2,
  /** ... after how long the first time; the second time after twice as long. */
  asyncRetryMillis: 60_000,
  /** How long it waits at most when too much else is running. */
  asyncRefusalMillisMax: 5 * 60_000,
  /** When it is given up, however it fares. */
  asyncAgeMillisMax: 6 * 60 * 60 * 1000,
  /** Bindings a broker holds. */
  bindingsMax: 10_000,
  /** What AWS allows of an event source mapping. */
  bindingBatchRecordsMax: 10_000,
  bindingWindowMillisMax: 300_000,
  bindingTumblingMillisMax: 900_000,
  bindingParallelMax: 10,
  bindingConcurrencyMax: 1_000,
  bindingRetriesMax: 10_000,
  bindingFiltersMax: 10,
  /** The state of a tumbling window, as JSON. */
  bindingStateBytesMax: 1024 * 1024,
  /** One message that comes through a WebSocket, ... */
  socketMessageBytesMax: 1024 * 1024,
  /** ... in how many fragments, ... */
  socketFragmentsMax: 64,
  /** ... and in how many pieces of a network. */
  socketPiecesMax: 2_048,
  /** Calls under way, and long streams open, over one WebSocket. */
  socketCallsMax: 64,
  socketStreamsMax: 64,
  /** Credit that a client grants one long stream. */
  socketCreditBytesMax: 16 * 1024 * 1024,
  /** What may wait in one WebSocket before those who write to it are told to stop. */
  socketWaitingBytesMax: 64 * 1024,
  /** A WebSocket that takes nothing of that for so long is closed. */
  socketStallMillisMax: 60_000,
  /** So is one over which nothing is open for so long. */
  socketIdleMillisMax: 10 * 60_000,
  /** Topics a broker holds (AWS: 100,000). */
  topicsMax: 100_000,
  /** Body and attributes of a message to a topic, unless that raises it as far as queues go. */
  topicMessageBytesDefault: 256 * 1024,
  /** Subscriptions of one topic. */
  subscriptionsPerTopicMax: 100_000,
  /** With AWS's quotas, subscriptions of one topic that have a filter policy. */
  filteredSubscriptionsStrictMax: 200,
  /** What waits for somebody who listens to a topic; with more he is cut off. */
  listenerBytesMax: 4 * 1024 * 1024,
  /** How long a subscription may be confirmed by its token. */
  confirmationMillisMax: 2 * 24 * 60 * 60 * 1000,
  /** Copies of what one publication has for the logs of this broker, all together. */
  publicationBytesMax: 32 * 1024 * 1024,
  /** What one commit takes of publications at once, unless a single one is larger. */
  publicationsBytesTarget: 4 * 1024 * 1024,
  /** Queues of what is on its way to functions and HTTP endpoints: one a route of a topic, a bus or a schedule. */
  hiddenQueuesMax: 100_000,
  /** How long such a queue keeps what it could not deliver (SNS tries for 23 days). */
  hiddenQueueRetentionMillis: 28 * 24 * 60 * 60 * 1000,
  /** Event buses a broker holds (AWS: 100). */
  busesMax: 1_000,
  /** How long a bus keeps its events, unless it or an archive of it says longer. */
  busRetentionMillisDefault: 60 * 60 * 1000,
  /** Rules of one bus (AWS: 300, which can be raised). */
  rulesPerBusMax: 20_000,
  targetsPerRuleMax: 5,
  /** An event pattern as JSON text (AWS: 4,096). */
  patternBytesMax: 4_096,
  /** What a target gets instead of the event: a text or a template (AWS: 8,192). */
  targetInputBytesMax: 8_192,
  /** Events of one PutEvents, ... */
  eventsPerCallMax: 10,
  /** ... and their sizes, all together. */
  eventsBytesMax: 1024 * 1024,
  /** Archives a broker holds. */
  archivesMax: 1_000,
  /** Replays under way at once, ... */
  replaysAtOnceMax: 10,
  /** ... those remembered, ... */
  replaysMax: 1_000,
  /** ... and how many events one commit of a replay hands out. */
  replayBatchMax: 100,
  /** Connections, and API destinations (AWS: 3,000 each). */
  connectionRecordsMax: 3_000,
  /** WebSocket APIs a broker holds. */
  socketApisMax: 1_000,
  /** Routes, integrations and deployments of one (AWS: 300 routes), ... */
  socketApiPartsMax: 300,
  /** ... and its stages (AWS: 10). */
  socketApiStagesMax: 10,
  /** A message of a WebSocket API, either way (AWS: 128 KB). */
  apiMessageBytesMax: 128 * 1024,
  /** A client of a WebSocket API that takes nothing of what all are sent for so long is cut off. */
  apiStallMillisMax: 10_000,
  /** Messages of one client that functions are working on; more are not read. */
  apiMessagesMax: 16,
  /** How long a connection to a WebSocket API lasts, ... (AWS: 2 hours) */
  apiSocketMillisMax: 2 * 60 * 60 * 1000,
  /** ... and how long one over which nothing goes (AWS: 10 minutes). */
  apiIdleMillisMax: 10 * 60 * 1000,
  /** Schedules a broker holds (AWS: 1,000,000). */
  schedulesMax: 1_000_000,
  /** Groups of schedules (AWS: 500). */
  scheduleGroupsMax: 500,
  /** What a schedule gives to its target (AWS: 256 KiB). */
  scheduleInputBytesMax: 256 * 1024,
  /** How long after its time a schedule may fire, so that not all fire at once (AWS: 1,440 minutes). */
  scheduleWindowMillisMax: 24 * 60 * 60 * 1000,
  /** Retries of what a schedule gives to a function or an endpoint, and their age (AWS: 185 and 24 hours). */
  scheduleRetriesMax: 185,
  scheduleAgeMillisMin: 60_000,
  scheduleAgeMillisMax: 24 * 60 * 60 * 1000,
  /** How long a drain waits for open streams to end. */
  drainMillisMax: 5_000,
} as const

/** The bounds a broker runs with; tests make their own, smaller ones. */
export type Limits = { readonly [Name in keyof typeof limits]: number }
