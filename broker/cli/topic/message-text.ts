import type { TopicMessage } from '../../../client/index.ts'
import { styled, timeText } from '../output.ts'
import { dataField, dataText, rawData, visible } from '../record-text.ts'

/** For people: time, subject, group and data on one line. */
export function plainText({ time, subject, group, data }: TopicMessage): string {
  const parts = [subject, group].flatMap((each) => (each === undefined ? [] : [styled('cyan', visible(each))]))
  return `${[styled('dim', timeText(time)), ...parts].join(' ')}  ${dataText(data)}\n`
}

/** For programs: one JSON object on one line; the data is `json`, `text` or `data` as `tail` has it. */
export function jsonText({ id, time, sequence, subject, group, attributes, data }: TopicMessage): string {
  const head = JSON.stringify({
    id,
    time: new Date(time).toISOString(),
    ...(sequence === undefined ? {} : { sequence }),
    ...(subject === undefined ? {} : { subject }),
    ...(group === undefined ? {} : { group }),
    ...(Object.keys(attributes).length === 0 ? {} : { attributes }),
  })
  return `${head.slice(0, -1)},${dataField(data)}}\n`
}

export { rawData as rawText }
