import type { ErrorRow } from './error-row.ts'

/** The errors of schedules: a part of the table in errors.ts. */
export const scheduleErrors = {
  schedule_invalid: {
    status: 400,
    retry: false,
    text: 'The schedule expression {expression} is not valid: it {reason}.',
    fix: 'See docs/schedule.md, "Expressions".',
  },
  time_zone_unknown: {
    status: 400,
    retry: false,
    text: 'There is no time zone {zone}.',
    fix: 'Use a name of the IANA database, such as Europe/Berlin.',
  },
  schedule_not_found: {
    status: 404,
    retry: false,
    text: 'There is no schedule {schedule} in group {group}.',
    fix: 'List them: millrace schedule list',
  },
  schedule_exists: {
    status: 409,
    retry: false,
    text: 'Schedule {schedule} exists already in group {group}.',
    fix: 'Update it, choose another name, or delete it first.',
  },
  schedule_group_not_found: {
    status: 404,
    retry: false,
    text: 'There is no schedule group {group}.',
    fix: 'Create it: PUT /v1/schedule-groups/{group}',
  },
  schedule_group_exists: {
    status: 409,
    retry: false,
    text: 'Schedule group {group} exists already.',
    fix: 'Use it, choose another name, or delete it first.',
  },
  schedule_group_default: {
    status: 400,
    retry: false,
    text: 'The group default is always there and cannot be deleted.',
    fix: 'Delete its schedules one by one.',
  },
  schedule_target: {
    status: 400,
    retry: false,
    text: '{target} cannot be the target of a schedule: {reason}.',
    fix: 'See docs/schedule.md, "Targets".',
  },
} as const satisfies Record<string, ErrorRow>
