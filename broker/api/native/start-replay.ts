import { Fields, nameIn } from '../fields.ts'
import type { CallOperation } from '../operation.ts'
import { describeReplay } from './archive-fields.ts'
import { nativeOwner } from './bus-fields.ts'

const perSecondMax = 1_000_000
/** The last millisecond that a date can be of. */
const timeMax = 8_640_000_000_000_000

/**
 * Begins to hand the events of an archive to the rules of its bus again: `{archive, from?, to?, rules?, perSecond?}`. The times are those of the
 * events; without them, all of the archive is replayed.
 * @throws replay_exists, archive_not_found, rule_not_found, limit_exceeded
 */
export const startReplay: CallOperation = {
  method: 'PUT',
  path: '/v1/replays/{replay}',
  async run(broker, request) {
    const name = nameIn(request.params, 'replay')
    const fields = new Fields(request.body)
    const archive = broker.archives.get(fields.required('archive', fields.name('archive')))
    const bounds = { min: 0, max: timeMax }
    const from = fields.integer('from', bounds) ?? 0
    const to = fields.integer('to', bounds) ?? timeMax
    const perSecond = fields.integer('perSecond', { min: 1, max: perSecondMax })
    const bus = broker.buses.get(archive.bus)
    const rules = (fields.array('rules') ?? []).map((each) => bus.rule(String(each)).rule)
    fields.done()
    if (from >= to) throw fields.invalid('to', 'must be later than from')
    const settings = { archive: archive.name, rules, from, to, ...(perSecond === undefined ? {} : { perSecond }) }
    const record = await broker.replays.start(name, settings, nativeOwner)
    return { status: 201, body: describeReplay(broker, record) }
  },
}
