import type { CheckResult } from '../checks/run-checks.ts'
import type { OutputDigest } from './output-digest.ts'
import type { RedWords } from './red-words.ts'
import { packTests, unpackTests } from './reports/pack-tests.ts'
import type { NamedCheck } from './run-named-checks.ts'

/** Bytes of all names, compressed. The embedded database blocks everything else for ten milliseconds to write half as much. */
const MOST_BYTES = 1024 * 1024

/** A check with the names of its tests, as JSON to store. */
export interface PackedCheck {
  readonly result: CheckResult
  /** Packed names in Base64; absent if there are none, or too many to store. */
  readonly tests?: string | undefined
  /** Absent if an older version of Backspace stored the check. */
  readonly log?: OutputDigest | undefined
  /** Absent, too, if an older version of Backspace stored the check. */
  readonly redWords?: RedWords | undefined
}

export async function packChecks(checks: readonly NamedCheck[]): Promise<readonly PackedCheck[]> {
  const packed: PackedCheck[] = []
  let left = MOST_BYTES
  for (const { result, tests, log, redWords } of checks) {
    const bytes = tests && (await packTests(tests))
    const kept = bytes === undefined || bytes.length > left ? undefined : Buffer.from(bytes)
    left -= kept?.length ?? 0
    packed.push({ result, tests: kept?.toString('base64'), log, redWords })
  }
  return packed
}

export async function unpackChecks(packed: readonly PackedCheck[]): Promise<readonly NamedCheck[]> {
  const checks: NamedCheck[] = []
  for (const { result, tests, log, redWords } of packed) {
    const names = tests === undefined ? undefined : await unpackTests(Buffer.from(tests, 'base64'))
    checks.push({ result, tests: names, log, redWords })
  }
  return checks
}
