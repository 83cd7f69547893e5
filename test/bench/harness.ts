import type { ScenarioResult } from '../../bench/result.ts'

/** A result as a run leaves it, for tests of what is made from results. */
export function sampleResult(scenario: string, changes: Partial<ScenarioResult> = {}): ScenarioResult {
  return {
    scenario,
    date: '2026-01-01T00:00:00.000Z',
    commit: '0123456789ab',
    machine: { cpu: 'A CPU', cores: 2, memoryGiB: 24, system: 'Linux 6.1', node: 'v20.19.0', fileSystem: 'ext4' },
    quick: false,
    rounds: 3,
    contestants: [
      { name: 'millrace', version: 'millrace 0.1.0', durability: 'flushed' },
      { name: 'nats', version: 'nats-server v2.9.10', durability: 'page cache' },
    ],
    absent: [{ name: 'redis-always', reason: 'there is no redis-server in PATH' }],
    rows: [
      {
        case: '128 B',
        metric: 'acknowledged',
        unit: 'records/s',
        figures: [
          { contestant: 'millrace', values: [900_000, 1_000_000, 1_200_000] },
          { contestant: 'nats', values: [20_000, 50_000, 40_000] },
        ],
      },
    ],
    targets: [],
    notes: [],
    ...changes,
  }
}
