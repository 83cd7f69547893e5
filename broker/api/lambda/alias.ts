import { randomUUID } from 'node:crypto'
import type { FunctionAlias, FunctionRecord } from '../../modes/function-record.ts'
import { invalidParameter, notFound } from './errors.ts'
import { type Caller, functionArn } from './names.ts'

/** How AWS describes an alias. */
export function describeAlias(record: FunctionRecord, name: string, alias: FunctionAlias, caller: Caller): object {
  return {
    AliasArn: functionArn(record.name, caller, name),
    Name: name,
    FunctionVersion: alias.version,
    Description: alias.description,
    ...(Object.keys(alias.weights).length > 0 ? { RoutingConfig: { AdditionalVersionWeights: alias.weights } } : {}),
    RevisionId: alias.revisionId,
  }
}

/** An alias of a function. */
export function aliasOf(record: FunctionRecord, name: string, caller: Caller): FunctionAlias {
  const alias = Object.hasOwn(record.aliases, name) ? record.aliases[name] : undefined
  if (alias === undefined) throw notFound(`Cannot find alias arn: ${functionArn(record.name, caller, name)}`)
  return alias
}

/** A checked alias: its versions exist, and its weights leave something for the main one. */
export function checkedAlias(
  record: FunctionRecord,
  alias: Omit<FunctionAlias, 'revisionId'>,
  caller: Caller,
): FunctionAlias {
  const weights = Object.entries(alias.weights)
  for (const version of [alias.version, ...weights.map(([each]) => each)]) {
    if (version !== '$LATEST' && record.versions[version] === undefined) {
      throw notFound(`Function not found: ${functionArn(record.name, caller, version)}`)
    }
  }
  if (weights.length > 1) throw invalidParameter('Number of items in AdditionalVersionWeights cannot be greater than 1')
  if (weights.some(([, weight]) => weight < 0 || weight > 1)) {
    throw invalidParameter('Weights in AdditionalVersionWeights must be between 0.0 and 1.0')
  }
  if (weights.length > 0 && (alias.version === '$LATEST' || weights.some(([version]) => version === '$LATEST'))) {
    throw invalidParameter('$LATEST is not supported for an alias pointing to more than 1 version')
  }
  if (weights.some(([version]) => version === alias.version)) {
    throw invalidParameter('Invalid function version in AdditionalVersionWeights: it is the one the alias points to')
  }
  return { ...alias, revisionId: randomUUID() }
}

/** Members of CreateAlias and UpdateAlias. */
export const routingConfig = {
  type: 'structure',
  members: { AdditionalVersionWeights: { type: 'map', of: { type: 'double' } } },
} as const
