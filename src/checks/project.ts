import type { Sandbox } from '../sandbox/sandbox.ts'

/** What the detectors look at: names of files, texts of a few of them, and which programs there are. */
export interface Project {
  /** Paths of regular files, two levels deep, relative to the workspace; of the third level the manifests. */
  readonly files: ReadonlySet<string>
  /** Programs that the sandbox has, of those that we know how to use; `pytest` stands for the Python module. */
  readonly tools: ReadonlySet<string>
  /** Text of a file; undefined when there is none or it is not text of ordinary size. */
  readonly read: (path: string) => Promise<string | undefined>
}

const MAX_FILE_BYTES = 1024 * 1024

const TOOLS = ['npm', 'pnpm', 'yarn', 'bun', 'uv', 'poetry', 'tox', 'mvn', 'gradle']

/** What makes a folder a project of its own. */
const MANIFESTS =
  'package.json go.mod Cargo.toml pyproject.toml setup.py pom.xml build.gradle build.gradle.kts'
const NAMED = MANIFESTS.split(' ').map((name) => `-name ${name}`)

const SCRIPT = `
find . -maxdepth 3 \\( -name .git -o -name node_modules -o -name .venv \\) -prune -o -type f \\( ! -path './*/*/*' -o ${NAMED.join(' -o ')} \\) -print | head -n 20000
for tool in ${TOOLS.join(' ')}; do command -v "$tool" >/dev/null 2>&1 && echo "tool:$tool"; done
python3 -c 'import pytest' >/dev/null 2>&1 && echo tool:pytest
exit 0
`

/**
 * Reads what is there before any code of the repository has run.
 *
 * @param workspace absolute path inside the sandbox.
 * @throws {SandboxError} when the sandbox is lost; `signal.reason` when cancelled.
 */
export async function readProject(
  sandbox: Sandbox,
  { workspace, signal }: { readonly workspace: string; readonly signal: AbortSignal },
): Promise<Project> {
  const { stdout } = await sandbox.exec(SCRIPT, {
    cwd: workspace,
    timeoutMs: 60_000,
    signal,
    maxOutputBytes: 4 * 1024 * 1024,
  })
  signal.throwIfAborted()
  const lines = stdout.split('\n')
  const starting = (prefix: string) =>
    new Set(lines.filter((line) => line.startsWith(prefix)).map((line) => line.slice(prefix.length)))
  const files = starting('./')
  return {
    files,
    tools: starting('tool:'),
    async read(path) {
      if (!files.has(path)) return undefined
      const bytes = await sandbox.readFile(`${workspace}/${path}`)
      return bytes.byteLength > MAX_FILE_BYTES ? undefined : new TextDecoder().decode(bytes)
    },
  }
}
