import type { FunctionConfig, FunctionRecord } from '../../modes/function-record.ts'
import { codeSha256, type Functions } from '../../modes/functions.ts'
import { awsOperation } from '../aws/operation.ts'
import { describeConfiguration } from './configuration.ts'
import { invalidParameter, requireRevision } from './errors.ts'
import { description, functionName, revisionId } from './members.ts'
import { recordOf, targetOf } from './names.ts'

/** Freezes what a function is now under the next number; when nothing changed since the last one, that is the answer. */
export const publishVersion = awsOperation({
  name: 'PublishVersion',
  http: { method: 'POST', path: '/2015-03-31/functions/{FunctionName}/versions', status: 201 },
  input: {
    FunctionName: functionName,
    CodeSha256: { type: 'string' },
    Description: description,
    RevisionId: revisionId,
  },
  async run({ functions }, input, context) {
    const target = targetOf(input, context)
    const { latest } = recordOf(functions, { name: target.name }, context)
    requireRevision(input.RevisionId, latest.revisionId)
    if (input.CodeSha256 && input.CodeSha256 !== codeSha256(latest)) {
      throw invalidParameter(
        `CodeSHA256 (${input.CodeSha256}) is different from current CodeSHA256 in $LATEST (${codeSha256(latest)}). Please try again with the CodeSHA256 in $LATEST.`,
      )
    }
    const { record, version, config } = await publish(functions, target.name, input.Description)
    return describeConfiguration(functions, record, config, version, context, version)
  },
})

/** Publishes a version, unless the last one is the same. */
export async function publish(
  functions: Functions,
  name: string,
  text: string | undefined,
): Promise<{ record: FunctionRecord; version: string; config: FunctionConfig }> {
  let version = ''
  const limit = functions.limits.functionVersionsMax
  const record = await functions.change(name, (there) => {
    const newest = String(there.nextVersion - 1)
    const last = there.versions[newest]
    version = newest
    if (last !== undefined && isSame(last, there.latest)) return there
    if (Object.keys(there.versions).length >= limit) throw invalidParameter(`A function has at most ${limit} versions.`)
    version = String(there.nextVersion)
    const config = functions.revised({ ...there.latest, description: text ?? there.latest.description })
    const kept = { ...config, modifiedAt: there.latest.modifiedAt }
    return { ...there, nextVersion: there.nextVersion + 1, versions: { ...there.versions, [version]: kept } }
  })
  return { record, version, config: record.versions[version] as FunctionConfig }
}

/** Whether two are the same but for their revision and what is said about them. */
function isSame(one: FunctionConfig, other: FunctionConfig): boolean {
  const plain = ({ revisionId: _, modifiedAt: __, description: ___, ...rest }: FunctionConfig) =>
    JSON.stringify(sorted(rest))
  return plain(one) === plain(other)
}

function sorted(value: object): [string, unknown][] {
  return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
}
