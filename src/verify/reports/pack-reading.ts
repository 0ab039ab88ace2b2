import { atOnce, inTurns } from '../../time/pieces.ts'
import type { ReportReading } from './named-test.ts'
import { readTests, writeTests } from './pack-tests.ts'

/** A reading in the form in which a thread sends it: copying 50,000 objects would block the receiver. */
export type PackedReading =
  | Extract<ReportReading, { readonly problem: string }>
  | {
      readonly tests: string
      /** Indices of the mixed tests in `tests`. */
      readonly mixed: readonly number[]
      readonly printed?: string | undefined
    }

/** Packs a reading without pauses, for a thread that has nothing else to do. */
export function packReading(reading: ReportReading): PackedReading {
  if ('problem' in reading) return reading
  const { tests, mixed, printed } = reading
  const names = new Set(mixed)
  const places = tests.flatMap(({ name }, index) => (names.has(name) ? [index] : []))
  return { tests: atOnce(writeTests(tests)), mixed: places, printed }
}

/** Unpacks a reading; other work goes on in between. */
export async function unpackReading(packed: PackedReading): Promise<ReportReading> {
  if ('problem' in packed) return packed
  const tests = await inTurns(readTests(packed.tests))
  const mixed = packed.mixed.flatMap((index) => tests[index]?.name ?? [])
  return { tests, mixed, printed: packed.printed }
}
