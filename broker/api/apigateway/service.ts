import type { AwsService } from '../aws/operation.ts'
import { authorizerOperations } from './authorizers.ts'
import { createApi } from './create-api.ts'
import { deleteApi } from './delete-api.ts'
import { deploymentOperations } from './deployments.ts'
import { translateApiGateway } from './errors.ts'
import { getApi } from './get-api.ts'
import { getApis } from './get-apis.ts'
import { getTags } from './get-tags.ts'
import { integrationResponseOperations } from './integration-responses.ts'
import { integrationOperations } from './integrations.ts'
import { modelOperations } from './models.ts'
import { routeResponseOperations } from './route-responses.ts'
import { routeOperations } from './routes.ts'
import { stageOperations } from './stages.ts'
import { tagResource } from './tag-resource.ts'
import { untagResource } from './untag-resource.ts'
import { updateApi } from './update-api.ts'

/** API Gateway, version 2 (2018-11-29): WebSocket APIs. */
export const apigateway: AwsService = {
  name: 'apigateway',
  targets: [],
  rest: true,
  operations: [
    createApi,
    getApi,
    getApis,
    updateApi,
    deleteApi,
    getTags,
    tagResource,
    untagResource,
    ...routeOperations,
    ...routeResponseOperations,
    ...integrationOperations,
    ...integrationResponseOperations,
    ...modelOperations,
    ...deploymentOperations,
    ...stageOperations,
    ...authorizerOperations,
  ],
  absent: ['CreateApiMapping', 'CreateDomainName', 'CreateVpcLink', 'ExportApi', 'ImportApi', 'ReimportApi'],
  translate: (error) => translateApiGateway(error),
}
