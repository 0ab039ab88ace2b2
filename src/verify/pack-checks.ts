import type { CheckResult } from '../checks/run-checks.ts'
import { packTests, unpackTests } from './reports/pack-tests.ts'
import type { NamedCheck } from './run-named-checks.ts'

/** A check with the names of its tests, as JSON to store. */
export interface PackedCheck {
  readonly result: CheckResult
  /** Base64; absent if there are no names, or too many to keep. */
  readonly tests?: string | undefined
}

export function packChecks(checks: readonly NamedCheck[]): Promise<readonly PackedCheck[]> {
  return Promise.all(
    checks.map(async ({ result, tests }) => {
      const bytes = tests && (await packTests(tests))
      return { result, tests: bytes && Buffer.from(bytes).toString('base64') }
    }),
  )
}

export function unpackChecks(packed: readonly PackedCheck[]): Promise<readonly NamedCheck[]> {
  return Promise.all(
    packed.map(async ({ result, tests }) => ({
      result,
      tests: tests === undefined ? undefined : await unpackTests(Buffer.from(tests, 'base64')),
    })),
  )
}
