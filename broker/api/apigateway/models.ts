import { newResourceId, type SocketModel } from '../../modes/socket-apis.ts'
import type { InputOf } from '../../wire/aws-shape.ts'
import { badRequest, conflict } from './errors.ts'
import { description } from './members.ts'
import { type PartContext, partOperations, said } from './parts.ts'

const update = {
  name: { type: 'string', min: 1, max: 128, pattern: '[A-Za-z0-9]+' },
  contentType: { type: 'string', max: 256 },
  description,
  schema: { type: 'string', max: 32_768 },
} as const
const create = {
  ...update,
  name: { ...update.name, required: true },
  schema: { ...update.schema, required: true },
} as const

/** Schemas, which are kept, and which nothing is held to. */
export const modelOperations = partOperations<SocketModel, typeof create>({
  name: 'Model',
  path: 'models',
  id: 'modelId',
  title: 'Model',
  create,
  update,
  partsMax: ({ socketApiPartsMax }) => socketApiPartsMax,
  in: (api) => api.models ?? {},
  with: (api, models) => ({ ...api, models }),
  make(input, context) {
    const modelId = newResourceId()
    const { name, schema, contentType = 'application/json' } = input
    return [modelId, checked({ modelId, name, schema, contentType, ...said(input, 'description') }, context)]
  },
  change(model, input: InputOf<typeof update>, context) {
    return checked({ ...model, ...said(input, 'name', 'schema', 'contentType', 'description') }, context)
  },
  describe: (model) => model,
})

function checked(model: SocketModel, { parts }: PartContext): SocketModel {
  const { name, modelId, schema } = model
  const others = Object.values(parts as Record<string, SocketModel>)
  if (others.some((each) => each.name === name && each.modelId !== modelId)) {
    throw conflict(`Model with name ${name} already exists`)
  }
  try {
    JSON.parse(schema)
  } catch {
    throw badRequest('Model schema must be JSON')
  }
  return model
}
