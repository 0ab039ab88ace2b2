import type { Sandbox } from '../sandbox/sandbox.ts'

/** What a sandbox offers, as seen before the first turn. */
export interface Surroundings {
  /** `Linux 6.1.0`. */
  readonly system: string
  /** Which of the usual development commands are on PATH. */
  readonly commands: readonly string[]
  readonly fileCount: number
  /** Paths of the first 20,000 tracked files, in git's order. */
  readonly files: readonly string[]
}

const COMMANDS =
  'git rg node npm pnpm yarn bun deno python3 pip uv go cargo java mvn gradle ruby bundle php composer dotnet make cmake gcc'
const MAX_FILES = 20_000

/**
 * Reads the surroundings with a single command in the sandbox.
 *
 * @throws {SandboxError} when the sandbox is lost.
 */
export async function lookAround(
  sandbox: Sandbox,
  { workspace, signal }: { readonly workspace: string; readonly signal: AbortSignal },
): Promise<Surroundings> {
  const script = [
    'uname -sr',
    `for c in ${COMMANDS}; do command -v "$c" >/dev/null 2>&1 && printf '%s ' "$c"; done; echo`,
    'git ls-files -z | tr -cd "\\0" | wc -c',
    `git ls-files -z | head -z -n ${MAX_FILES} | tr '\\n\\0' '?\\n'`,
  ].join('\n')
  const result = await sandbox.exec(script, {
    shell: 'agent', // The agent is to see the commands on its own PATH.
    cwd: workspace,
    env: LOOKING,
    signal,
    timeoutMs: 60_000,
    maxOutputBytes: 4 * 1024 * 1024,
  })
  const [system = '', commands = '', count = '', ...files] = result.stdout.split('\n')
  return {
    system,
    commands: commands.split(' ').filter(Boolean),
    fileCount: Number(count) || 0,
    files: files.filter(Boolean),
  }
}

/** Identifies the contents of the workspace, to tell later whether they changed. */
export interface WorkspaceState {
  readonly head: string
  /** A hash of the differences from `head`; empty when there are none. */
  readonly changes: string
}

const SCRIPT = [
  'git rev-parse HEAD || exit 1',
  's=$(git status --porcelain=v1 -uall) || exit 1',
  'if [ -n "$s" ]; then',
  '{ printf "%s\\n" "$s"; git diff HEAD --binary --no-ext-diff --no-textconv; } | git hash-object --stdin; fi',
].join('\n')

/** Environment for git commands that only read: git writes nothing and starts no hook or monitor of the workspace. */
export const LOOKING = {
  GIT_OPTIONAL_LOCKS: '0',
  GIT_CONFIG_COUNT: '2',
  GIT_CONFIG_KEY_0: 'core.fsmonitor',
  GIT_CONFIG_VALUE_0: 'false',
  GIT_CONFIG_KEY_1: 'core.hooksPath',
  GIT_CONFIG_VALUE_1: '/dev/null',
} as const

/**
 * Asks git inside the sandbox, where the agent could have changed the answer. So it only guides the agent's work; for
 * publishing, the host collects the changes in its own way.
 *
 * @returns undefined when git cannot say.
 * @throws {SandboxError} when the sandbox is lost.
 */
export async function readWorkspaceState(
  sandbox: Sandbox,
  workspace: string,
): Promise<WorkspaceState | undefined> {
  const { exitCode, stdout } = await sandbox.exec(SCRIPT, {
    cwd: workspace,
    env: LOOKING,
    timeoutMs: 120_000,
  })
  if (exitCode !== 0) return undefined
  const [head = '', changes = ''] = stdout.split('\n')
  return { head, changes }
}

/** True when the states differ, or when one of them is unknown and a change cannot be ruled out. */
export function isChanged(before: WorkspaceState | undefined, after: WorkspaceState | undefined): boolean {
  return !before || !after || before.head !== after.head || before.changes !== after.changes
}
