import type { AwsService } from '../aws/operation.ts'
import { addPermission } from './add-permission.ts'
import { createAlias } from './create-alias.ts'
import { createEventSourceMapping } from './create-event-source-mapping.ts'
import { createFunction } from './create-function.ts'
import { createFunctionUrlConfig } from './create-function-url-config.ts'
import { deleteAlias } from './delete-alias.ts'
import { deleteEventSourceMapping } from './delete-event-source-mapping.ts'
import { deleteFunction } from './delete-function.ts'
import { deleteFunctionConcurrency } from './delete-function-concurrency.ts'
import { deleteFunctionEventInvokeConfig } from './delete-function-event-invoke-config.ts'
import { deleteFunctionUrlConfig } from './delete-function-url-config.ts'
import { deleteLayerVersion } from './delete-layer-version.ts'
import { deleteProvisionedConcurrencyConfig } from './delete-provisioned-concurrency-config.ts'
import { translateLambda } from './errors.ts'
import { getAccountSettings } from './get-account-settings.ts'
import { getAlias } from './get-alias.ts'
import { getEventSourceMapping } from './get-event-source-mapping.ts'
import { getFunction } from './get-function.ts'
import { getFunctionCodeSigningConfig } from './get-function-code-signing-config.ts'
import { getFunctionConcurrency } from './get-function-concurrency.ts'
import { getFunctionConfiguration } from './get-function-configuration.ts'
import { getFunctionEventInvokeConfig } from './get-function-event-invoke-config.ts'
import { getFunctionUrlConfig } from './get-function-url-config.ts'
import { getLayerVersion } from './get-layer-version.ts'
import { getLayerVersionByArn } from './get-layer-version-by-arn.ts'
import { getPolicy } from './get-policy.ts'
import { getProvisionedConcurrencyConfig } from './get-provisioned-concurrency-config.ts'
import { invoke } from './invoke.ts'
import { invokeWithResponseStream } from './invoke-with-response-stream.ts'
import { listAliases } from './list-aliases.ts'
import { listEventSourceMappings } from './list-event-source-mappings.ts'
import { listFunctionEventInvokeConfigs } from './list-function-event-invoke-configs.ts'
import { listFunctionUrlConfigs } from './list-function-url-configs.ts'
import { listFunctions } from './list-functions.ts'
import { listLayerVersions } from './list-layer-versions.ts'
import { listLayers } from './list-layers.ts'
import { listProvisionedConcurrencyConfigs } from './list-provisioned-concurrency-configs.ts'
import { listTags } from './list-tags.ts'
import { listVersionsByFunction } from './list-versions-by-function.ts'
import { publishLayerVersion } from './publish-layer-version.ts'
import { publishVersion } from './publish-version.ts'
import { putFunctionConcurrency } from './put-function-concurrency.ts'
import { putFunctionEventInvokeConfig } from './put-function-event-invoke-config.ts'
import { putProvisionedConcurrencyConfig } from './put-provisioned-concurrency-config.ts'
import { removePermission } from './remove-permission.ts'
import { tagResource } from './tag-resource.ts'
import { untagResource } from './untag-resource.ts'
import { updateAlias } from './update-alias.ts'
import { updateEventSourceMapping } from './update-event-source-mapping.ts'
import { updateFunctionCode } from './update-function-code.ts'
import { updateFunctionConfiguration } from './update-function-configuration.ts'
import { updateFunctionEventInvokeConfig } from './update-function-event-invoke-config.ts'
import { updateFunctionUrlConfig } from './update-function-url-config.ts'

/** Lambda, version 2015-03-31. */
export const lambda: AwsService = {
  name: 'lambda',
  targets: [],
  rest: true,
  operations: [
    addPermission,
    createAlias,
    createEventSourceMapping,
    deleteEventSourceMapping,
    getEventSourceMapping,
    listEventSourceMappings,
    updateEventSourceMapping,
    putFunctionEventInvokeConfig,
    updateFunctionEventInvokeConfig,
    getFunctionEventInvokeConfig,
    deleteFunctionEventInvokeConfig,
    listFunctionEventInvokeConfigs,
    createFunction,
    createFunctionUrlConfig,
    getFunctionUrlConfig,
    updateFunctionUrlConfig,
    deleteFunctionUrlConfig,
    listFunctionUrlConfigs,
    listProvisionedConcurrencyConfigs,
    getProvisionedConcurrencyConfig,
    putProvisionedConcurrencyConfig,
    deleteProvisionedConcurrencyConfig,
    deleteAlias,
    deleteFunctionConcurrency,
    deleteFunction,
    deleteLayerVersion,
    getAccountSettings,
    getAlias,
    getFunctionCodeSigningConfig,
    getFunctionConcurrency,
    getFunctionConfiguration,
    getFunction,
    getLayerVersionByArn,
    getLayerVersion,
    getPolicy,
    invoke,
    invokeWithResponseStream,
    listAliases,
    listFunctions,
    listLayerVersions,
    listLayers,
    listTags,
    listVersionsByFunction,
    publishLayerVersion,
    publishVersion,
    putFunctionConcurrency,
    removePermission,
    tagResource,
    untagResource,
    updateAlias,
    updateFunctionCode,
    updateFunctionConfiguration,
  ],
  absent: [
    'AddLayerVersionPermission',
    'CheckpointDurableExecution',
    'CreateCapacityProvider',
    'CreateCodeSigningConfig',
    'DeleteCapacityProvider',
    'DeleteCodeSigningConfig',
    'DeleteFunctionCodeSigningConfig',
    'DeleteResourcePolicy',
    'GetCapacityProvider',
    'GetCodeSigningConfig',
    'GetDurableExecution',
    'GetDurableExecutionHistory',
    'GetDurableExecutionState',
    'GetFunctionRecursionConfig',
    'GetFunctionScalingConfig',
    'GetLayerVersionPolicy',
    'GetResourcePolicy',
    'GetRuntimeManagementConfig',
    'InvokeAsync',
    'ListCapacityProviders',
    'ListCodeSigningConfigs',
    'ListDurableExecutionsByFunction',
    'ListFunctionVersionsByCapacityProvider',
    'ListFunctionsByCodeSigningConfig',
    'PutFunctionCodeSigningConfig',
    'PutFunctionRecursionConfig',
    'PutFunctionScalingConfig',
    'PutResourcePolicy',
    'PutRuntimeManagementConfig',
    'RemoveLayerVersionPermission',
    'SendDurableExecutionCallbackFailure',
    'SendDurableExecutionCallbackHeartbeat',
    'SendDurableExecutionCallbackSuccess',
    'StopDurableExecution',
    'UpdateCapacityProvider',
    'UpdateCodeSigningConfig',
  ],
  translate: (error, context) => translateLambda(error, context),
}
