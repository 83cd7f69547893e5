import { newResourceId, type SocketDeployment } from '../../modes/socket-apis.ts'
import type { InputOf } from '../../wire/aws-shape.ts'
import { badRequest, notFound } from './errors.ts'
import { description } from './members.ts'
import { partOperations, said } from './parts.ts'

const create = { description, stageName: { type: 'string', max: 128 } } as const
const update = { description } as const

/** Routes and integrations as they are now, for stages to run. With a stage's name, that stage runs them at once. */
export const deploymentOperations = partOperations<SocketDeployment, typeof create>({
  name: 'Deployment',
  path: 'deployments',
  id: 'deploymentId',
  title: 'Deployment',
  create,
  update,
  partsMax: ({ socketApiPartsMax }) => socketApiPartsMax,
  in: (api) => api.deployments,
  with(api, deployments) {
    return { ...api, deployments }
  },
  make(input, { api, now }) {
    if (Object.keys(api.routes).length === 0)
      throw badRequest('At least one route is required before deploying the API')
    const deploymentId = newResourceId()
    const { routes, integrations, authorizers } = api
    return [
      deploymentId,
      { deploymentId, ...said(input, 'description'), createdAt: now, routes, integrations, authorizers },
    ]
  },
  also(api, input, { deploymentId, createdAt }) {
    const { stageName } = input
    if (stageName === undefined) return api
    const stage = api.stages[stageName]
    if (stage === undefined) throw notFound('Stage')
    return { ...api, stages: { ...api.stages, [stageName]: { ...stage, deploymentId, changedAt: createdAt } } }
  },
  change: (deployment, input: InputOf<typeof update>) => ({ ...deployment, ...said(input, 'description') }),
  requireUnused(api, id) {
    const user = Object.values(api.stages).find(({ deploymentId }) => deploymentId === id)
    if (user !== undefined)
      throw badRequest(`Active stages pointing to this deployment must be moved or deleted: ${user.stageName}`)
  },
  describe: ({ deploymentId, description: text, createdAt }) => ({
    deploymentId,
    ...(text === undefined ? {} : { description: text }),
    createdDate: new Date(createdAt).toISOString(),
    deploymentStatus: 'DEPLOYED',
    autoDeployed: false,
  }),
})
