import type { Bus } from '../../modes/bus.ts'
import { defaultBusName } from '../../modes/bus-record.ts'
import type { AwsContext } from '../aws/operation.ts'
import { arnOfBus } from './names.ts'

/** What the lists, and the descriptions, tell of a bus. */
export function busAnswer({ name, record }: Bus, context: AwsContext): object {
  const statements = Object.values(record.policy)
  const isDefault = name === defaultBusName
  return {
    Name: name,
    Arn: arnOfBus(name, isDefault ? context : record),
    Description: record.description,
    Policy: statements.length === 0 ? undefined : JSON.stringify({ Version: '2012-10-17', Statement: statements }),
    CreationTime: isDefault ? undefined : new Date(record.createdAt),
    LastModifiedTime: isDefault ? undefined : new Date(record.modifiedAt),
  }
}

/** What a bus has beside that. */
export function settingsAnswer({ record }: Bus): object {
  const { deadLetterArn, carried, description } = record
  return {
    Description: description,
    ...carried,
    DeadLetterConfig: deadLetterArn === undefined ? undefined : { Arn: deadLetterArn },
  }
}

/** The settings of a bus, as operations take them. */
export function settingsIn(input: {
  readonly Description?: string
  readonly DeadLetterConfig?: { readonly Arn?: string }
  readonly KmsKeyIdentifier?: string
  readonly LogConfig?: object
}) {
  const { Description, DeadLetterConfig, KmsKeyIdentifier, LogConfig } = input
  return {
    ...(Description === undefined ? {} : { description: Description }),
    ...(DeadLetterConfig?.Arn === undefined ? {} : { deadLetterArn: DeadLetterConfig.Arn }),
    carried: {
      ...(KmsKeyIdentifier === undefined ? {} : { KmsKeyIdentifier }),
      ...(LogConfig === undefined ? {} : { LogConfig }),
    },
  }
}
