import { diffGuard } from '../../../../src/checks/diff-guard.ts'
import type { GuardedFile } from '../../../../src/checks/guard/change/guarded-change.ts'
import { guarded } from '../guarded-file.ts'

export type Case = readonly [what: string, file: GuardedFile | readonly GuardedFile[]]

/** A change of source beside it: what makes a lie look like work. */
const SOURCE = guarded('src/greet.js', ['-return name', "+return name ?? 'you'"])

/** @param file one file beside a change of source, or a whole change. */
export async function reasonsFor(file: Case[1]): Promise<readonly string[]> {
  const findings = await diffGuard('path' in file ? [file, SOURCE] : file)
  return findings.filter(({ weight }) => weight === 'reason').map(({ text }) => text)
}
