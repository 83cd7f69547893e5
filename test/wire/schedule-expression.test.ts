import * as fc from 'fast-check'
import * as assert from 'uvu/assert'
import { MillraceError } from '../../broker/wire/errors.ts'
import { type ScheduleDialect, ScheduleExpression } from '../../broker/wire/schedule-expression.ts'
import { holds } from '../property.ts'
import { suite } from '../suite.ts'
import { anyCron, cronMatches } from './naive-cron.ts'

const test = suite('schedule expressions')

const minute = 60_000
const day = 24 * 60 * minute
const at = (text: string) => Date.parse(text)
const textOf = (instant: number | undefined) => instant && new Date(instant).toISOString().slice(0, 16)

/** The first `count` times of an expression after `from`, in UTC. */
function times(text: string, from: string, count: number, zone = 'UTC'): (string | 0 | undefined)[] {
  const expression = ScheduleExpression.parse(text, zone)
  const found: (string | 0 | undefined)[] = []
  let instant: number | undefined = at(from)
  while (found.length < count && instant !== undefined) {
    instant = expression.next(instant, at(from))
    found.push(textOf(instant))
  }
  return found
}

function refusal(text: string, dialect: ScheduleDialect = 'scheduler', zone = 'UTC'): string {
  try {
    ScheduleExpression.parse(text, zone, dialect)
  } catch (error) {
    if (error instanceof MillraceError) return error.code
    throw error
  }
  return 'taken'
}

test("AWS's samples mean what its pages say", () => {
  assert.equal(times('cron(0 10 * * ? *)', '2026-01-01T10:00:00Z', 2), ['2026-01-02T10:00', '2026-01-03T10:00'])
  assert.equal(times('cron(15 12 * * ? *)', '2026-01-01T00:00:00Z', 1), ['2026-01-01T12:15'])
  assert.equal(times('cron(0 18 ? * MON-FRI *)', '2026-01-02T18:00:00Z', 2), ['2026-01-05T18:00', '2026-01-06T18:00'])
  assert.equal(times('cron(0 8 1 * ? *)', '2026-01-31T00:00:00Z', 2), ['2026-02-01T08:00', '2026-03-01T08:00'])
  assert.equal(times('cron(0/15 * * * ? *)', '2026-01-01T00:44:59Z', 2), ['2026-01-01T00:45', '2026-01-01T01:00'])
  assert.equal(times('cron(0/5 8-17 ? * MON-FRI *)', '2026-01-02T17:55:00Z', 1), ['2026-01-05T08:00'])
  assert.equal(times('cron(15 10 ? * 6L 2002-2005)', '2005-11-26T00:00:00Z', 2), ['2005-12-30T10:15', undefined])
  assert.equal(times('cron(0 2 ? * SAT#3 *)', '2026-01-01T00:00:00Z', 2), ['2026-01-17T02:00', '2026-02-21T02:00'])
  assert.equal(times('cron(0/5 5 ? JAN 1-5 2022)', '2022-01-06T05:50:00Z', 1), ['2022-01-06T05:55'])
})

test('Sunday is 1, and names are taken in any case', () => {
  const sunday = ['2026-01-04T00:00']
  for (const name of ['1', 'SUN', 'sun'])
    assert.equal(times(`cron(0 0 ? * ${name} *)`, '2026-01-01T00:00:00Z', 1), sunday)
  assert.equal(times('cron(0 0 ? * 7 *)', '2026-01-01T00:00:00Z', 1), ['2026-01-03T00:00'])
  assert.equal(times('cron(0 0 ? * L *)', '2026-01-01T00:00:00Z', 1), ['2026-01-03T00:00'])
  assert.equal(times('cron(0 0 1 jan ? *)', '2026-01-01T00:00:00Z', 1), ['2027-01-01T00:00'])
})

test('L is the last day, L-3 three before it, W the nearest weekday of the same month', () => {
  assert.equal(times('cron(0 0 L * ? *)', '2028-01-31T00:00:00Z', 2), ['2028-02-29T00:00', '2028-03-31T00:00'])
  assert.equal(times('cron(0 0 L-3 * ? *)', '2026-02-01T00:00:00Z', 1), ['2026-02-25T00:00'])
  // 1 August 2026 is a Saturday: the nearest weekday in August is Monday the 3rd.
  assert.equal(times('cron(0 0 1W 8 ? *)', '2026-01-01T00:00:00Z', 1), ['2026-08-03T00:00'])
  // 15 August 2026 is a Saturday, 15 November a Sunday.
  assert.equal(times('cron(0 0 15W 8 ? *)', '2026-01-01T00:00:00Z', 1), ['2026-08-14T00:00'])
  assert.equal(times('cron(0 0 15W 11 ? *)', '2026-01-01T00:00:00Z', 1), ['2026-11-16T00:00'])
  // 31 May 2026 is a Sunday.
  assert.equal(times('cron(0 0 31W 5 ? *)', '2026-01-01T00:00:00Z', 1), ['2026-05-29T00:00'])
  assert.equal(times('cron(0 0 LW 5 ? *)', '2026-01-01T00:00:00Z', 1), ['2026-05-29T00:00'])
  // No month has a sixth week; some have no fifth Friday.
  assert.equal(times('cron(0 0 ? * 6#5 *)', '2026-02-01T00:00:00Z', 1), ['2026-05-29T00:00'])
})

test('29 February comes in leap years, 30 February never, and the end of the calendar is 2199', () => {
  assert.equal(times('cron(0 0 29 2 ? *)', '2096-03-01T00:00:00Z', 1), ['2104-02-29T00:00'])
  assert.equal(times('cron(0 0 30 2 ? *)', '2026-01-01T00:00:00Z', 1), [undefined])
  assert.equal(times('cron(59 23 31 12 ? *)', '2198-12-31T23:59:00Z', 2), ['2199-12-31T23:59', undefined])
  assert.equal(times('cron(14 3 19 1 ? 2038)', '2026-01-01T00:00:00Z', 1), ['2038-01-19T03:14'])
  assert.equal(times('cron(0 0 1 1 ? 2199)', '2026-01-01T00:00:00Z', 1, 'Australia/Lord_Howe'), ['2198-12-31T13:00'])
})

test('a time that clocks jump over is passed over, in Berlin, New York and on Lord Howe Island', () => {
  assert.equal(times('cron(30 2 * * ? *)', '2026-03-28T00:00:00Z', 3, 'Europe/Berlin'), [
    '2026-03-28T01:30',
    '2026-03-30T00:30',
    '2026-03-31T00:30',
  ])
  assert.equal(times('cron(30 2 8 3 ? *)', '2026-01-01T00:00:00Z', 1, 'America/New_York'), ['2027-03-08T07:30'])
  // Its clocks move by half an hour: 02:00 to 02:30 on 4 October 2026.
  assert.equal(times('cron(15 2 4 10 ? *)', '2026-01-01T00:00:00Z', 1, 'Australia/Lord_Howe'), ['2027-10-03T15:15'])
  assert.equal(times('cron(30 2 4 10 ? *)', '2026-01-01T00:00:00Z', 1, 'Australia/Lord_Howe'), ['2026-10-03T15:30'])
  // Samoa had no 30 December 2011 at all.
  assert.equal(times('cron(0 12 30 12 ? *)', '2011-12-01T00:00:00Z', 1, 'Pacific/Apia'), ['2012-12-29T22:00'])
})

test('a time that clocks show twice happens the first time', () => {
  assert.equal(times('cron(30 2 * * ? *)', '2026-10-24T12:00:00Z', 2, 'Europe/Berlin'), [
    '2026-10-25T00:30',
    '2026-10-26T01:30',
  ])
  assert.equal(times('cron(30 1 * * ? *)', '2026-11-01T00:00:00Z', 2, 'America/New_York'), [
    '2026-11-01T05:30',
    '2026-11-02T06:30',
  ])
  // Asked in the second 01:30 of New York, the next one is tomorrow's.
  assert.equal(times('cron(30 1 * * ? *)', '2026-11-01T06:10:00Z', 1, 'America/New_York'), ['2026-11-02T06:30'])
  assert.equal(times('cron(0 * * * ? *)', '2026-10-25T00:00:00Z', 1, 'Europe/Berlin'), ['2026-10-25T02:00'])
})

test('a rate counts elapsed time from its anchor, whatever clocks do', () => {
  const expression = ScheduleExpression.parse('rate(1 day)', 'Europe/Berlin')
  const anchor = at('2026-03-28T12:00:00.123Z')
  assert.is(expression.next(anchor - 1, anchor), anchor)
  assert.is(expression.next(anchor, anchor), anchor + day)
  assert.is(expression.next(anchor + 10 * day + 1, anchor), anchor + 11 * day)
  assert.is(expression.next(0, anchor), anchor)
  assert.is(expression.last(anchor - 1, anchor + 10 * day - 1, anchor), anchor + 9 * day)
  assert.is(expression.last(anchor, anchor + day - 1, anchor), undefined)
})

test('at() is a time of its zone, once', () => {
  const berlin = ScheduleExpression.parse('at(2026-07-01T12:00:00)', 'Europe/Berlin')
  assert.is(berlin.next(0, 0), at('2026-07-01T10:00:00Z'))
  assert.is(berlin.next(at('2026-07-01T10:00:00Z'), 0), undefined)
  assert.is(ScheduleExpression.parse('at(2026-03-29T02:30:00)', 'Europe/Berlin').next(0, 0), undefined)
  assert.is(ScheduleExpression.parse('at(2199-12-31T23:59:59)').next(0, 0), at('2199-12-31T23:59:59Z'))
})

test('what AWS refuses is refused', () => {
  const bad = [
    '',
    'cron',
    'cron()',
    'cron(0 1 * * * *)',
    'cron(0 1 ? * ? *)',
    'cron(0 10 * * ?)',
    'cron(0 10 * * ? * *)',
    'cron(60 10 * * ? *)',
    'cron(0 24 * * ? *)',
    'cron(0 10 0 * ? *)',
    'cron(0 10 32 * ? *)',
    'cron(0 10 1 13 ? *)',
    'cron(0 10 ? * 8 *)',
    'cron(0 10 ? * 0 *)',
    'cron(0 10 ? * MON#6 *)',
    'cron(0 10 ? * FOO *)',
    'cron(0 10 * * ? 1969)',
    'cron(0 10 * * ? 2200)',
    'cron(0 10 * * ? 2030-2029)',
    'cron(*/0 10 * * ? *)',
    'cron(1--2 10 * * ? *)',
    'cron(, 10 * * ? *)',
    'cron(0  10 * * ? *)',
    ' rate(10 minutes)',
    'rate( 10 minutes )',
    'rate(10  minutes)',
    'rate(0 minutes)',
    'rate(-1 minutes)',
    'rate(1.5 minutes)',
    'rate(10 seconds)',
    'rate(10 years)',
    'rate(10)',
    'rate(9999999999 days)',
    'at(2021-12-31T23:59:59Z)',
    'at(2021-12-31)',
    'at(2021-13-01T00:00:00)',
    'at(2021-02-30T00:00:00)',
    'at(2021-12-31T24:00:00)',
    `cron(${'0,'.repeat(400)}0 10 * * ? *)`,
  ]
  for (const text of bad) assert.is(refusal(text), 'schedule_invalid', text)
  for (const zone of ['Mars/Olympus', '', '+01:00', 'x'.repeat(300), '../etc']) {
    assert.is(refusal('rate(1 day)', 'scheduler', zone), 'time_zone_unknown', zone)
  }
})

test('rules want the singular with 1 and the plural otherwise, and know no at(); schedules take either', () => {
  for (const text of ['rate(1 minutes)', 'rate(2 minute)', 'at(2030-01-01T00:00:00)']) {
    assert.is(refusal(text, 'rule'), 'schedule_invalid', text)
    assert.is(refusal(text, 'scheduler'), 'taken', text)
  }
  for (const text of ['rate(1 minute)', 'rate(5 hours)', 'cron(0 10 * * ? *)'])
    assert.is(refusal(text, 'rule'), 'taken', text)
})

test('any cron has the very minutes that a walk over 100 days finds', () => {
  const from = at('2027-12-20T00:00:00Z')
  holds(
    [anyCron, fc.integer({ min: 0, max: 400 })],
    (cron, days) => {
      const start = from + days * day
      const walked: (string | 0 | undefined)[] = []
      for (let i = 1; i <= 100 * 24 * 60 && walked.length < 5; i++) {
        const local = new Date(start + i * minute)
        if (cronMatches(cron, local)) walked.push(textOf(local.getTime()))
      }
      const expected = times(`cron(${cron})`, new Date(start).toISOString(), walked.length)
      assert.equal(expected, walked, cron)
      const expression = ScheduleExpression.parse(`cron(${cron})`)
      const next = expression.next(start, 0)
      if (walked.length < 5) assert.ok(next === undefined || walked.length > 0 || next > start + 100 * day, cron)
      if (walked.length > 0) {
        const last = at(`${walked.at(-1)}:00Z`)
        assert.is(textOf(expression.last(start, last, 0)), textOf(last), cron)
        assert.is(textOf(expression.last(start, last + minute - 1, 0)), textOf(last), cron)
      }
    },
    40,
  )
})

test('in zones whose clocks change, each minute that clocks show happens once', () => {
  const changes = [
    ['Europe/Berlin', '2026-03-28T20:00:00Z'],
    ['Europe/Berlin', '2026-10-24T20:00:00Z'],
    ['America/New_York', '2026-03-08T00:00:00Z'],
    ['America/New_York', '2026-11-01T00:00:00Z'],
    ['Australia/Lord_Howe', '2026-10-03T08:00:00Z'],
    ['Australia/Lord_Howe', '2026-04-04T08:00:00Z'],
  ] as const
  const walks = changes.map(([zone, from]) => ({ zone, from, shown: shownMinutes(zone, at(from), 1_000) }))
  holds(
    [anyCron, fc.constantFrom(...walks)],
    (cron, { zone, from, shown }) => {
      const wanted = shown.filter(({ local }) => cronMatches(cron, local)).map(({ instant }) => textOf(instant))
      const end = at(from) + 1_000 * minute
      const expression = ScheduleExpression.parse(`cron(${cron})`, zone)
      const found: (string | 0 | undefined)[] = []
      for (
        let next = expression.next(at(from), 0);
        next !== undefined && next <= end;
        next = expression.next(next, 0)
      ) {
        found.push(textOf(next))
      }
      assert.equal(found, wanted, `${cron} in ${zone}`)
    },
    150,
  )
})

/** What clocks of `zone` show at each of `count` minutes, where they show it for the first time; asked of the engine minute by minute. */
function shownMinutes(zone: string, from: number, count: number): { instant: number; local: Date }[] {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' })
  const seen = new Set<string>()
  const shown: { instant: number; local: Date }[] = []
  for (let i = -180; i <= count; i++) {
    const instant = from + i * minute
    const text = format.format(instant)
    if (!seen.has(text) && i > 0) shown.push({ instant, local: new Date(`${text.replace(' ', 'T')}:00Z`) })
    seen.add(text)
  }
  return shown
}

test.run()
