import type { Measurement } from '../measurement.ts'
import type { BenchBackend } from './bench-database.ts'
import type { BenchSurroundings } from './bench-surroundings.ts'

/** A part of the bench: some figures of the service on one back end. */
export interface Part {
  readonly name: string
  readonly measure: (context: PartContext) => Promise<readonly PartMeasurement[]>
}

/** The caller adds the back end. */
export type PartMeasurement = Omit<Measurement, 'variant'>

export interface PartContext {
  readonly backend: BenchBackend
  readonly surroundings: BenchSurroundings
  readonly quick: boolean
}
