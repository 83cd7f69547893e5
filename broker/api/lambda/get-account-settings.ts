import { awsOperation } from '../aws/operation.ts'

/** The bounds of this broker, and how much of them is used. */
export const getAccountSettings = awsOperation({
  name: 'GetAccountSettings',
  http: { method: 'GET', path: '/2016-08-19/account-settings' },
  input: {},
  run({ functions, limits }) {
    const records = functions.records.list()
    const bytes = records.map(({ latest: { code } }) => (code.kind === 'archive' ? code.bytes : 0))
    return {
      AccountLimit: {
        TotalCodeSize: 80_530_636_800,
        CodeSizeUnzipped: limits.functionUnzippedBytesMax,
        CodeSizeZipped: limits.functionCodeBytesMax,
        ConcurrentExecutions: limits.functionProcessesMax,
        UnreservedConcurrentExecutions: limits.functionProcessesMax,
      },
      AccountUsage: { TotalCodeSize: bytes.reduce((sum, each) => sum + each, 0), FunctionCount: records.length },
    }
  },
})
