import type { Sandbox } from '../sandbox/sandbox.ts'
import {
  type InstalledToolchain,
  parseToolchain,
  TOOLCHAIN_SCRIPT,
} from './environment/installed-toolchains.ts'

/** What setup and checks are detected from: names of files, the text of a few, and the installed programs. */
export interface Project {
  /** Paths of regular files in two levels, and of manifests in the third, relative to the workspace. */
  readonly files: ReadonlySet<string>
  /** Installed programs among those that we know how to use; `pytest` means the Python module. */
  readonly tools: ReadonlySet<string>
  /** Versions of installed managers of packages, where their installation says it; corepack starts the right one itself. */
  readonly managers?: ReadonlyMap<string, string> | undefined
  /** Versions of languages in the sandbox, those on PATH first. */
  readonly toolchains: readonly InstalledToolchain[]
  /** Text of a file; undefined if there is no such file, or it is larger than 1 MiB. */
  readonly read: (path: string) => Promise<string | undefined>
}

const MAX_FILE_BYTES = 1024 * 1024

const TOOLS = ['npm', 'pnpm', 'yarn', 'bun', 'uv', 'poetry', 'tox', 'mvn', 'gradle', 'rustup']

/** A folder with one of these files is a project of its own. */
const MANIFESTS =
  'package.json go.mod Cargo.toml pyproject.toml setup.py pom.xml build.gradle build.gradle.kts devcontainer.json'
const NAMED = MANIFESTS.split(' ').map((name) => `-name ${name}`)

/** Small files that nearly every run reads: they come with the list, in the same request. */
const READ_AT_ONCE = [
  '.github/backspace.yml',
  '.github/backspace.yaml',
  '.devcontainer/devcontainer.json',
  '.devcontainer.json',
  'package.json',
  'pyproject.toml',
  'go.mod',
  'Cargo.toml',
  'tox.ini',
  'setup.cfg',
  '.nvmrc',
  '.node-version',
  '.tool-versions',
  'mise.toml',
  '.mise.toml',
  'rust-toolchain',
  'rust-toolchain.toml',
  '.python-version',
  '.ruby-version',
  '.java-version',
]
const MAX_AT_ONCE_BYTES = 32 * 1024

// Python takes a quarter of a second to import pytest, so only a project with Python files is asked.
const SCRIPT = `
files=$(find . -maxdepth 3 \\( -name .git -o -name node_modules -o -name .venv \\) -prune -o ! -path '*[[:cntrl:]]*' -type f \\( ! -path './*/*/*' -o ${NAMED.join(' -o ')} \\) -print | head -n 20000)
printf '%s\\n' "$files"
for tool in ${TOOLS.join(' ')}; do command -v "$tool" >/dev/null 2>&1 && echo "tool:$tool"; done
for tool in pnpm yarn; do
  real=$(realpath "$(command -v "$tool" 2>/dev/null)" 2>/dev/null) || continue
  version=$(grep -qs '"name": "corepack"' "\${real%/*/*}/package.json" || sed -n 's/^ *"version": "\\([0-9.]*\\).*/\\1/p' "\${real%/*/*}/package.json" 2>/dev/null | head -n 1)
  [ -n "$version" ] && printf 'manager:%s\\t%s\\n' "$tool" "$version"
done
case $files in *.py*) python3 -c 'import pytest' >/dev/null 2>&1 && echo tool:pytest ;; esac
for file in ${READ_AT_ONCE.join(' ')}; do
  if [ -f "$file" ] && [ ! -L "$file" ] && [ "$(stat -c %s "$file")" -le ${MAX_AT_ONCE_BYTES} ]; then
    printf 'text:%s\\t%s\\n' "$file" "$(base64 -w 0 <"$file")"
  fi
done
${TOOLCHAIN_SCRIPT}exit 0
`

/**
 * Reads the project before any code of the repository has run.
 *
 * @param workspace absolute path inside the sandbox.
 * @throws {SandboxError} if the sandbox is lost; `signal.reason` if the run is cancelled.
 */
export async function readProject(
  sandbox: Sandbox,
  { workspace, signal }: { readonly workspace: string; readonly signal: AbortSignal },
): Promise<Project> {
  const { stdout } = await sandbox.exec(SCRIPT, {
    shell: 'agent', // The template's own profile may add toolchains to PATH, and no one else has written to it yet.
    cwd: workspace,
    timeoutMs: 60_000,
    signal,
    maxOutputBytes: 4 * 1024 * 1024,
  })
  signal.throwIfAborted()
  const lines = stdout.split('\n')
  const starting = (prefix: string) =>
    lines.filter((line) => line.startsWith(prefix)).map((line) => line.slice(prefix.length))
  const files = new Set(starting('./'))
  const texts = new Map<string, Promise<string | undefined>>()
  for (const line of starting('text:')) {
    const [path = '', base64 = ''] = line.split('\t')
    texts.set(path, Promise.resolve(decode(Buffer.from(base64, 'base64'))))
  }
  async function readNow(path: string): Promise<string | undefined> {
    return decode(await sandbox.readFile(`${workspace}/${path}`))
  }
  return {
    files,
    tools: new Set(starting('tool:')),
    managers: new Map(starting('manager:').map((line) => pairOf(line))),
    toolchains: starting('have:').flatMap((line) => parseToolchain(line) ?? []),
    async read(path) {
      if (!files.has(path)) return undefined
      const text = texts.get(path) ?? readNow(path)
      texts.set(path, text)
      return text
    },
  }
}

function pairOf(line: string): [string, string] {
  const [name = '', value = ''] = line.split('\t')
  return [name, value]
}

function decode(bytes: Uint8Array): string | undefined {
  return bytes.byteLength > MAX_FILE_BYTES ? undefined : new TextDecoder().decode(bytes)
}

/** One folder of a project: the root, or a package one or two levels below it. */
export interface Folder {
  /** Empty for the root. */
  readonly name: string
  readonly tools: ReadonlySet<string>
  readonly managers?: Project['managers']
  readonly has: (file: string) => boolean
  /** Files in this folder and its subfolders, as far as they are known. */
  readonly files: readonly string[]
  readonly read: (file: string) => Promise<string | undefined>
}

export function folderOf(project: Project, name: string): Folder {
  const prefix = name === '' ? '' : `${name}/`
  return {
    name,
    tools: project.tools,
    managers: project.managers,
    has: (file) => project.files.has(`${prefix}${file}`),
    files: [...project.files]
      .filter((file) => file.startsWith(prefix))
      .map((file) => file.slice(prefix.length)),
    read: (file) => project.read(`${prefix}${file}`),
  }
}
