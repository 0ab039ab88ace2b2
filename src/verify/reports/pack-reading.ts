import { atOnce, inTurns } from '../../time/pieces.ts'
import type { ReportReading } from './named-test.ts'
import { readTests, writeTests } from './pack-tests.ts'

/** A reading as it crosses from a thread: 50,000 objects would stop the other side while they are copied. */
export type PackedReading =
  | Extract<ReportReading, { readonly problem: string }>
  | {
      readonly tests: string
      /** Where in `tests` those that are mixed are. */
      readonly mixed: readonly number[]
      readonly printed?: string | undefined
    }

/** For a thread that serves no one else. */
export function packReading(reading: ReportReading): PackedReading {
  if ('problem' in reading) return reading
  const { tests, mixed, printed } = reading
  const names = new Set(mixed)
  const places = tests.flatMap(({ name }, index) => (names.has(name) ? [index] : []))
  return { tests: atOnce(writeTests(tests)), mixed: places, printed }
}

/** Other work goes on in between. */
export async function unpackReading(packed: PackedReading): Promise<ReportReading> {
  if ('problem' in packed) return packed
  const tests = await inTurns(readTests(packed.tests))
  const mixed = packed.mixed.flatMap((index) => tests[index]?.name ?? [])
  return { tests, mixed, printed: packed.printed }
}
