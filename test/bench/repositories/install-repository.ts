import { execFile } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { inEnvironment } from '../../../src/checks/environment/environment.ts'
import { planEnvironment } from '../../../src/checks/environment/plan-environment.ts'
import { readProject } from '../../../src/checks/project.ts'
import { installAll } from '../../../src/pipeline/setup/install-all.ts'
import { placePrograms } from '../../../src/pipeline/setup/place-programs.ts'
import type { Sandbox, SandboxProvider } from '../../../src/sandbox/sandbox.ts'
import { type EgressSettings, readEgress } from '../../../src/settings/read-egress.ts'
import { createSettingsReader } from '../../../src/settings/settings-reader.ts'
import { readReport } from '../../../src/verify/reports/read-report.ts'
import { runNamedChecks } from '../../../src/verify/run-named-checks.ts'

const run = promisify(execFile)

/** How installing and checking a repository went in a sandbox. */
export interface InstalledRepository {
  readonly setup: string
  /** What the project asks for and does not get. */
  readonly unmet: readonly string[]
  readonly checks: readonly {
    readonly command: string
    readonly exitCode: number
    readonly seconds: number
    /** `12 passed, 1 failed, 3 skipped`; empty if no report says it. */
    readonly tests: string
    /** Why it has no result of its own, or how its output ends; empty if it passed. */
    readonly end: string
    /** Tests that failed, where a report names them. */
    readonly failed: readonly string[]
  }[]
}

export interface InstallLimits {
  readonly setupMs: number
  readonly checkMs: number
}

const SHOWN_LINES = 12
const SHOWN_TESTS = 8
const REGISTRIES: EgressSettings = readEgress(createSettingsReader({ BACKSPACE_EGRESS: 'registries' }))

/** Installs a tree and runs its checks, as a run does before the agent starts. @param tree a folder with its files. */
export async function installRepository(
  provider: SandboxProvider,
  tree: string,
  { setupMs, checkMs }: InstallLimits,
): Promise<InstalledRepository> {
  const { egressHosts, ecosystems } = REGISTRIES
  const sandbox = await provider.create({
    runId: 'bench',
    timeoutMs: 2 * (setupMs + checkMs),
    egress: { allowHosts: egressHosts },
  })
  try {
    const workspace = `${sandbox.home}/workspace`
    await bringTree(sandbox, { tree, workspace })
    const signal = new AbortController().signal
    const project = await readProject(sandbox, { workspace, signal })
    const egress = { hosts: egressHosts, ecosystems, repositories: [] }
    const plan = await planEnvironment(project, { egress, templates: [], home: sandbox.home })
    await sandbox.setEgress(plan.environment.egress)
    await placePrograms(sandbox, plan, signal)
    const inside = inEnvironment(sandbox, plan.environment)
    const startedAt = performance.now()
    const setup = await installAll({ sandbox: inside, path: workspace }, plan, { signal, timeoutMs: setupMs })
    const setupSeconds = Math.round((performance.now() - startedAt) / 1000)
    const named = await runNamedChecks(
      inside,
      { workspace, commands: plan.checks.commands, signal, limitOf: () => checkMs, togetherMs: 2 * checkMs },
      { project, readReport: async (input) => readReport(input) },
    )
    return {
      unmet: plan.environment.unmet,
      setup: `${setup.status} in ${setupSeconds} s: ${setup.message}`,
      checks: named.map(
        ({ result: { command, exitCode, durationMs, tests, cause, tail }, tests: all = [] }) => ({
          command,
          exitCode,
          seconds: Math.round(durationMs / 1000),
          tests: tests ? `${tests.passed} passed, ${tests.failed} failed, ${tests.skipped} skipped` : '',
          end: exitCode === 0 ? '' : (cause?.text ?? tail.split('\n').slice(-SHOWN_LINES).join(' / ')),
          failed: all
            .filter(({ status }) => status === 'failed')
            .slice(0, SHOWN_TESTS)
            .map(({ name }) => name),
        }),
      ),
    }
  } finally {
    await sandbox.kill()
  }
}

/** One commit of the files, as they are. */
async function bringTree(
  sandbox: Sandbox,
  { tree, workspace }: { readonly tree: string; readonly workspace: string },
): Promise<void> {
  const archive = join(tmpdir(), `backspace-tree-${process.pid}.tar`)
  try {
    await run('tar', ['-cf', archive, '-C', tree, '.'])
    await sandbox.writeFile(`${sandbox.home}/tree.tar`, await readFile(archive), { isNew: true })
  } finally {
    await rm(archive, { force: true })
  }
  const { exitCode, stdout, stderr } = await sandbox.exec(
    `set -e
mkdir -p "$W"; cd "$W"; tar -xf "$W/../tree.tar"; rm "$W/../tree.tar"
git init -q -b main; git config user.name Bench; git config user.email bench@example.org
git add -A; git commit -q -m Begin`,
    { env: { W: workspace }, timeoutMs: 300_000 },
  )
  if (exitCode !== 0) throw new Error(`the files were not committed: ${stdout}${stderr}`)
}
