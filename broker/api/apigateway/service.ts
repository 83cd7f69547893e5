import type { AwsService } from '../aws/operation.ts'
import { authorizerOperations } from './authorizers.ts'
import { createApi } from './create-api.ts'
import { createRouteResponse } from './create-route-response.ts'
import { deleteApi } from './delete-api.ts'
import { deleteRouteResponse } from './delete-route-response.ts'
import { deploymentOperations } from './deployments.ts'
import { translateApiGateway } from './errors.ts'
import { getApi } from './get-api.ts'
import { getApis } from './get-apis.ts'
import { getRouteResponses } from './get-route-responses.ts'
import { integrationOperations } from './integrations.ts'
import { routeOperations } from './routes.ts'
import { stageOperations } from './stages.ts'
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
    createRouteResponse,
    getRouteResponses,
    deleteRouteResponse,
    ...routeOperations,
    ...integrationOperations,
    ...deploymentOperations,
    ...stageOperations,
    ...authorizerOperations,
  ],
  absent: [
    'CreateApiMapping',
    'CreateDomainName',
    'CreateIntegrationResponse',
    'CreateModel',
    'CreateVpcLink',
    'DeleteIntegrationResponse',
    'DeleteModel',
    'ExportApi',
    'GetIntegrationResponse',
    'GetIntegrationResponses',
    'GetModel',
    'GetModels',
    'GetRouteResponse',
    'GetTags',
    'ImportApi',
    'ReimportApi',
    'TagResource',
    'UntagResource',
    'UpdateIntegrationResponse',
    'UpdateModel',
    'UpdateRouteResponse',
  ],
  translate: (error) => translateApiGateway(error),
}
