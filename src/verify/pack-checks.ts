import type { CheckResult } from '../checks/run-checks.ts'
import type { OutputDigest } from './output-digest.ts'
import { packTests, unpackTests } from './reports/pack-tests.ts'
import type { NamedCheck } from './run-named-checks.ts'

/** A check with the names of its tests, as JSON to store. */
export interface PackedCheck {
  readonly result: CheckResult
  /** Base64; absent if there are no names, or too many to keep. */
  readonly tests?: string | undefined
  /** Absent from what an older version kept. */
  readonly log?: OutputDigest | undefined
}

export function packChecks(checks: readonly NamedCheck[]): Promise<readonly PackedCheck[]> {
  return Promise.all(
    checks.map(async ({ result, tests, log }) => {
      const bytes = tests && (await packTests(tests))
      return { result, tests: bytes && Buffer.from(bytes).toString('base64'), log }
    }),
  )
}

export function unpackChecks(packed: readonly PackedCheck[]): Promise<readonly NamedCheck[]> {
  return Promise.all(
    packed.map(async ({ result, tests, log }) => ({
      result,
      log,
      tests: tests === undefined ? undefined : await unpackTests(Buffer.from(tests, 'base64')),
    })),
  )
}
