import type { SocketStage } from '../../modes/socket-apis.ts'
import type { InputOf } from '../../wire/aws-shape.ts'
import { badRequest } from './errors.ts'
import { description, tags } from './members.ts'
import { type PartContext, partOperations, said } from './parts.ts'

const settings = {
  deploymentId: { type: 'string', max: 128 },
  description,
  autoDeploy: { type: 'boolean' },
  stageVariables: { type: 'map', of: { type: 'string', max: 2048 } },
} as const
const create = {
  stageName: { type: 'string', min: 1, max: 128, pattern: '[A-Za-z0-9_-]+|\\$default', required: true },
  ...settings,
  tags,
} as const

/** Where a deployment runs, under a name that clients have in their address. */
export const stageOperations = partOperations<SocketStage, typeof create>({
  name: 'Stage',
  path: 'stages',
  id: 'stageName',
  title: 'Stage',
  create,
  update: settings,
  partsMax: ({ socketApiStagesMax }) => socketApiStagesMax,
  in: (api) => api.stages,
  with: (api, stages) => ({ ...api, stages }),
  make(input, context) {
    check(input, context)
    const { stageName, autoDeploy = false, stageVariables = {} } = input
    const times = { createdAt: context.now, changedAt: context.now }
    return [
      stageName,
      { stageName, autoDeploy, stageVariables, ...said(input, 'deploymentId', 'description'), ...times },
    ]
  },
  change(stage, input: InputOf<typeof settings>, context) {
    check(input, context)
    const changes = said(input, 'deploymentId', 'description', 'autoDeploy', 'stageVariables')
    return { ...stage, ...changes, changedAt: context.now }
  },
  describe: ({ createdAt, changedAt, ...stage }) => ({
    ...stage,
    createdDate: new Date(createdAt).toISOString(),
    lastUpdatedDate: new Date(changedAt).toISOString(),
    defaultRouteSettings: { dataTraceEnabled: false, detailedMetricsEnabled: false, loggingLevel: 'OFF' },
    routeSettings: {},
    tags: {},
  }),
})

function check({ deploymentId }: InputOf<typeof settings>, { api }: PartContext): void {
  if (deploymentId !== undefined && api.deployments[deploymentId] === undefined) {
    throw badRequest(`Deployment ${deploymentId} is none of this API`)
  }
}
