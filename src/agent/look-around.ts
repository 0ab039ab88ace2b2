import type { Sandbox } from '../sandbox/sandbox.ts'

/** What the first look at the sandbox shows. */
export interface Surroundings {
  /** `Linux 6.1.0`. */
  readonly system: string
  /** Commands that are there, of those that work on code usually needs. */
  readonly commands: readonly string[]
  readonly fileCount: number
  /** Paths of tracked files in git's order; the first 20,000. */
  readonly files: readonly string[]
}

const COMMANDS =
  'git rg node npm pnpm yarn bun deno python3 pip uv go cargo java mvn gradle ruby bundle php composer dotnet make cmake gcc'
const MAX_FILES = 20_000

/**
 * Looks around in one go.
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
    shell: 'agent', // It shows the agent which commands the agent has.
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

/** Enough to tell whether the workspace is as it was. */
export interface WorkspaceState {
  readonly head: string
  /** A hash of what differs from `head`; empty when nothing does. */
  readonly changes: string
}

const SCRIPT = [
  'git rev-parse HEAD || exit 1',
  's=$(git status --porcelain=v1 -uall) || exit 1',
  'if [ -n "$s" ]; then',
  '{ printf "%s\\n" "$s"; git diff HEAD --binary --no-ext-diff --no-textconv; } | git hash-object --stdin; fi',
].join('\n')

/** For git that only looks: it writes nothing, and starts nothing that was set up in the workspace. */
export const LOOKING = {
  GIT_OPTIONAL_LOCKS: '0',
  GIT_CONFIG_COUNT: '2',
  GIT_CONFIG_KEY_0: 'core.fsmonitor',
  GIT_CONFIG_VALUE_0: 'false',
  GIT_CONFIG_KEY_1: 'core.hooksPath',
  GIT_CONFIG_VALUE_1: '/dev/null',
} as const

/**
 * Asks git inside the sandbox, so it is a hint for the agent's work and no proof: what is published is collected
 * by the host in its own way.
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

/** True when they differ, and when one of them is not known: then nothing may be ruled out. */
export function isChanged(before: WorkspaceState | undefined, after: WorkspaceState | undefined): boolean {
  return !before || !after || before.head !== after.head || before.changes !== after.changes
}
