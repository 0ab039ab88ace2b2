import { isDebris } from '../../checks/file-roles.ts'
import type { CheckResult } from '../../checks/run-checks.ts'
import { checkDifferences, differenceSentences } from '../../verify/differences.ts'
import type { Workspace } from '../workspace/workspace.ts'
import { ignoredPaths } from './ignored-paths.ts'
import type { Verified } from './verify-change.ts'

/** The agent's workspace, and the results of the checks there on the same files. */
interface AgentPlace {
  readonly workspace: Workspace
  readonly elsewhere: readonly CheckResult[]
  /** Files that the gate withheld. */
  readonly withheld: readonly { readonly path: string }[]
  readonly signal: AbortSignal
}

/** Adds to a verification the checks that end differently in the agent's workspace, and files that only the workspace has. */
export async function addDifferences(
  verified: Verified,
  { workspace, elsewhere, withheld, signal }: AgentPlace,
): Promise<Verified> {
  const found = checkDifferences(elsewhere, verified.after)
  if (found.length === 0) return verified
  const here = new Set(verified.ignored)
  const ignored = (await ignoredPaths(workspace, signal)).filter((path) => !here.has(path) && !isDebris(path))
  const differences = differenceSentences(found, { ignored, withheld: withheld.map(({ path }) => path) })
  const { verification } = verified
  const sentences = [...verification.differences, ...differences]
  return { ...verified, verification: { ...verification, differences: sentences } }
}
