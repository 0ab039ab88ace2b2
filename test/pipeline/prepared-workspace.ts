import { buildWorkspace } from '../../src/pipeline/workspace/build-workspace.ts'
import { type Workspace, workspaceIn } from '../../src/pipeline/workspace/workspace.ts'
import { createLocalSandboxProvider } from '../../src/sandbox/local/local-sandbox.ts'
import type { Sandbox } from '../../src/sandbox/sandbox.ts'
import { sharedSpawner } from '../support/shared-spawner.ts'

export interface PreparedWorkspace extends AsyncDisposable {
  readonly sandbox: Sandbox
  readonly workspace: Workspace
  /** Path → id and mode in the base commit, as GitHub would list them. */
  readonly baseFiles: Map<string, { sha: string; mode: string }>
  /** Runs a script in the workspace, in the agent’s shell; fails when it fails. */
  run(script: string): Promise<string>
}

const SIGNAL = new AbortController().signal
const UNKNOWN_BASE = { branch: 'main', sha: '', tree: '', trustedSha: '' }
const IDENTITY = 'export GIT_AUTHOR_NAME=T GIT_AUTHOR_EMAIL=t@t GIT_COMMITTER_NAME=T GIT_COMMITTER_EMAIL=t@t'

/** A sandbox whose workspace holds one commit with what `script` leaves behind; no GitHub needed. */
export async function prepareWorkspaceWith(script: string): Promise<PreparedWorkspace> {
  const provider = createLocalSandboxProvider({
    mode: 'unconfined',
    deployment: 'test',
    spawner: sharedSpawner,
  })
  const sandbox = await provider.create({ runId: 'run', timeoutMs: 600_000, egress: { allowHosts: [] } })
  const { gitDir, path } = workspaceIn(sandbox, UNKNOWN_BASE)
  async function exec(command: string, cwd?: string): Promise<string> {
    const result = await sandbox.exec(`set -e\n${IDENTITY}\n${command}`, { shell: 'agent', cwd })
    if (result.exitCode !== 0) throw new Error(`${command}\n${result.stdout}${result.stderr}`)
    return result.stdout
  }
  await exec(`git init -q -b main ~/source && cd ~/source
    ${script}
    git add -A && git commit -qm base
    git init -q --bare --template= ${gitDir}
    git --git-dir=${gitDir} fetch -q --depth 1 "file://$HOME/source" main`)
  const [sha = '', tree = ''] = (await exec('cd ~/source && git rev-parse HEAD HEAD^{tree}'))
    .trim()
    .split('\n')
  const base = { branch: 'main', sha, tree, trustedSha: sha }
  const workspace = await buildWorkspace(workspaceIn(sandbox, base), { signal: SIGNAL })
  const listing = await exec('cd ~/source && git ls-tree -rz HEAD')
  const baseFiles = new Map(
    listing
      .split('\0')
      .slice(0, -1)
      .map((line) => {
        const [facts = '', name = ''] = line.split('\t')
        const [mode = '', , blob = ''] = facts.split(' ')
        return [name, { sha: blob, mode }] as const
      }),
  )
  return {
    sandbox,
    workspace,
    baseFiles,
    run: (command) => exec(command, path),
    [Symbol.asyncDispose]: () => sandbox.kill(),
  }
}
