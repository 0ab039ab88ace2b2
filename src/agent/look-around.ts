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
    cwd: workspace,
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
