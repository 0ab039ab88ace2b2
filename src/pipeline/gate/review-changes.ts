import type { VerifyReport } from '../../agent/agent.ts'
import { checkReport, confirmFailures } from '../../checks/compare-checks.ts'
import { diffGuard } from '../../checks/diff-guard.ts'
import { type CheckResult, runChecks } from '../../checks/run-checks.ts'
import { knownError } from '../../errors.ts'
import type { TreeListing } from '../../github/commits.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { type CollectedChanges, collectChanges } from '../collect/collect-changes.ts'
import type { RunContext } from '../run-context.ts'
import type { PreparedProject } from '../workspace/prepare-project.ts'
import type { Workspace } from '../workspace/workspace.ts'
import { type GateReport, gateChanges, windowsProblems } from './gate-changes.ts'

/** Looks at the workspace from the host: for the agent before it ends, and for publishing after it has. */
export interface ChangeWatch {
  collect(): Promise<CollectedChanges>
  /** Runs the checks, or repeats what they said about exactly these changes. */
  check(changes: CollectedChanges): Promise<readonly CheckResult[]>
  /** @throws {BackspaceError} `publish_blocked`, `secret_found`, `change_too_large` */
  gate(changes: CollectedChanges): GateReport
  /** For the agent: would this pass? */
  verify(): Promise<VerifyReport>
}

export function createChangeWatch(
  { signal, run, secrets }: RunContext,
  {
    sandbox,
    workspace,
    project,
    baseTree,
  }: {
    readonly sandbox: Sandbox
    readonly workspace: Workspace
    readonly project: PreparedProject
    readonly baseTree: TreeListing
  },
): ChangeWatch {
  const baseFiles = new Map(baseTree.entries.map(({ path, mode, sha }) => [path, { mode, sha }]))
  let latest: { readonly state: string; readonly results: readonly CheckResult[] } | undefined

  function collect(): Promise<CollectedChanges> {
    return collectChanges({
      sandbox,
      workspace,
      signal,
      baseFiles: baseTree.truncated ? undefined : baseFiles,
    })
  }

  async function check(changes: CollectedChanges): Promise<readonly CheckResult[]> {
    const state = changes.files.map(({ path, mode, sha }) => `${mode} ${sha} ${path}`).join('\n')
    if (latest?.state === state) return latest.results
    const place = { workspace: workspace.path, signal }
    const after = await runChecks(sandbox, { ...place, commands: project.checks })
    const results = await confirmFailures(sandbox, { ...place, before: project.baseline, after })
    latest = { state, results }
    return results
  }

  function gate(changes: CollectedChanges): GateReport {
    return gateChanges({
      changes,
      baseTree: baseFiles.keys(),
      tainted: run.request.tainted,
      knownSecrets: secrets(),
    })
  }

  async function verify(): Promise<VerifyReport> {
    try {
      const changes = await collect()
      const { withheld } = gate(changes)
      const after = await check(changes)
      const renames = windowsProblems(withheld).map(
        (problem) => `${problem}: a clone on Windows would fail, so the file is left out. Rename it.`,
      )
      const warnings = [...renames, ...diffGuard(changes.files)]
      const { ok, report } = checkReport({ before: project.baseline, after, warnings })
      return { ok, report, warnings, diff: changes.diff }
    } catch (error) {
      const known = knownError(error)
      if (!known || signal.aborted) throw error
      return { ok: false, refused: known.userMessage, report: '' }
    }
  }

  return { collect, check, gate, verify }
}

/** The step in which the host reads what was changed, and tells it. */
export async function readChanges(
  { step, emit, notice }: RunContext,
  watch: Pick<ChangeWatch, 'collect'>,
): Promise<CollectedChanges> {
  const changes = await step('collect', 'Reading what was changed', async () => {
    const value = await watch.collect()
    const { diff } = value
    const files = value.files.map(({ path, status, additions, deletions }) => {
      return { path, status, additions, deletions }
    })
    if (files.length === 0) return { value, message: 'No file was changed', status: 'skipped' }
    emit({ type: 'changes.collected', files, diff })
    return { value, message: `${files.length === 1 ? '1 file' : `${files.length} files`} changed` }
  })
  for (const text of changes.notices) notice('warning', text)
  return changes
}
