import { awsOperation } from '../aws/operation.ts'
import { describeConfiguration } from './configuration.ts'
import { marker, maxItems } from './members.ts'
import { pageOf } from './names.ts'

/** Functions in the order of their names, a page at a time; with `ALL`, their versions too. */
export const listFunctions = awsOperation({
  name: 'ListFunctions',
  http: { method: 'GET', path: '/2015-03-31/functions' },
  input: {
    MasterRegion: { type: 'string', at: 'query' },
    FunctionVersion: { type: 'string', at: 'query', enum: ['ALL'] },
    Marker: marker,
    MaxItems: maxItems,
  },
  run({ functions }, input, context) {
    const { page, next } = pageOf(functions.records.list(), (record) => record.name, input)
    const all = page.flatMap((record) => {
      const latest = describeConfiguration(functions, record, record.latest, '$LATEST', context)
      if (input.FunctionVersion === undefined) return [latest]
      const versions = Object.entries(record.versions).map(([version, config]) =>
        describeConfiguration(functions, record, config, version, context, version),
      )
      return [latest, ...versions]
    })
    return { Functions: all, NextMarker: next }
  },
})
