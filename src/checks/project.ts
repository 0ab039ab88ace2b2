import type { ExecResult, NextCommand, Sandbox } from '../sandbox/sandbox.ts'
import { type InstalledToolchain, parseToolchain } from './environment/installed-toolchains.ts'
import { PROJECT_SCRIPT } from './project-script.ts'

/** The facts from which setup and checks are detected: names of files, the text of some, and the installed programs. */
export interface Project {
  /** Paths relative to the workspace: all regular files in the upper two levels, manifests and tests in the upper nine. */
  readonly files: ReadonlySet<string>
  /** Installed programs, of those that detection looks for; `pytest` means the Python module. */
  readonly tools: ReadonlySet<string>
  /** Versions of installed package managers by name. Those that corepack starts are missing, since it starts the right version. */
  readonly managers?: ReadonlyMap<string, string> | undefined
  /** Installed packages of Debian or Ubuntu; empty if CI installs none, or if the sandbox does not list them. */
  readonly packages?: ReadonlySet<string> | undefined
  /** Absolute path of the JDK that commands get, if the sandbox has one and no `JAVA_HOME`. */
  readonly jdk?: string | undefined
  /** Versions of languages in the sandbox; per language, the version on PATH comes first. */
  readonly toolchains: readonly InstalledToolchain[]
  /** Text of a file; undefined if there is no such file, or it is larger than 2 MiB. */
  readonly read: (path: string) => Promise<string | undefined>
}

/** Large enough for manifests of editor extensions. */
const MAX_FILE_BYTES = 2 * 1024 * 1024

interface ReadProjectRequest {
  /** Absolute path inside the sandbox. */
  readonly workspace: string
  readonly signal: AbortSignal
  /** The result of the command of `scanProject`, if it was sent along with another command. */
  readonly scanned?: Promise<ExecResult> | undefined
}

/** The command by which `readProject` reads a project. It can be sent along with the command that brings the files. */
export function scanProject(workspace: string): NextCommand {
  return {
    command: PROJECT_SCRIPT,
    shell: 'agent', // The template's profile may add toolchains to PATH, and the agent has not changed it yet.
    cwd: workspace,
    timeoutMs: 60_000,
    maxOutputBytes: 4 * 1024 * 1024,
  }
}

/**
 * Reads the project before any code of the repository has run.
 *
 * @throws {SandboxError} if the sandbox is lost; `signal.reason` if the run is cancelled.
 */
export async function readProject(
  sandbox: Sandbox,
  { workspace, signal, scanned }: ReadProjectRequest,
): Promise<Project> {
  const rode = await scanned?.catch(() => undefined)
  signal.throwIfAborted()
  const { command, ...options } = scanProject(workspace)
  const { stdout } = rode?.outcome === 'exited' ? rode : await sandbox.exec(command, { ...options, signal })
  signal.throwIfAborted()
  const lines = stdout.split('\n')
  const starting = (prefix: string) =>
    lines.filter((line) => line.startsWith(prefix)).map((line) => line.slice(prefix.length))
  const files = new Set(starting('./'))
  const texts = new Map(
    [...textsIn(lines)].map(([path, text]) => [path, Promise.resolve<string | undefined>(text)]),
  )
  async function readNow(path: string): Promise<string | undefined> {
    return decode(await sandbox.readFile(`${workspace}/${path}`))
  }
  return {
    files,
    tools: new Set(starting('tool:')),
    managers: new Map(starting('manager:').map((line) => pairOf(line))),
    packages: new Set(starting('deb:')),
    jdk: starting('jdk:')[0],
    toolchains: starting('have:').flatMap((line) => parseToolchain(line) ?? []),
    async read(path) {
      if (!files.has(path)) return undefined
      const text = texts.get(path) ?? readNow(path)
      texts.set(path, text)
      return text
    },
  }
}

/** The texts of files by path, without the last one if the output was cut off. */
function textsIn(lines: readonly string[]): ReadonlyMap<string, string> {
  const texts = new Map<string, string>()
  let path: string | undefined
  let text: string[] = []
  for (const line of lines) {
    if (line.startsWith('text:')) {
      if (path !== undefined) texts.set(path, text.join('\n').replace(/^\ufeff/, ''))
      path = line.slice('text:'.length)
      text = []
    } else if (path !== undefined) text.push(line.slice(1))
  }
  return texts
}

function pairOf(line: string): [string, string] {
  const [name = '', value = ''] = line.split('\t')
  return [name, value]
}

function decode(bytes: Uint8Array): string | undefined {
  return bytes.byteLength > MAX_FILE_BYTES ? undefined : new TextDecoder().decode(bytes)
}

/** One folder of a project: the root, or a folder below it with a manifest of its own. */
export interface Folder {
  /** Path relative to the workspace; empty for the root. */
  readonly name: string
  readonly tools: ReadonlySet<string>
  readonly managers?: Project['managers']
  readonly has: (file: string) => boolean
  /** Known files in this folder and its subfolders, relative to this folder. */
  readonly files: readonly string[]
  readonly read: (file: string) => Promise<string | undefined>
}
/**
 * Returns the folders in the order of their names, after a single pass over the files.
 *
 * @param names paths of folders, empty for the root.
 */
export function foldersOf(project: Project, names: readonly string[]): readonly Folder[] {
  const files = new Map<string, string[]>(names.map((name) => [name, []]))
  for (const file of project.files) {
    files.get('')?.push(file)
    for (let at = file.indexOf('/'); at !== -1; at = file.indexOf('/', at + 1)) {
      files.get(file.slice(0, at))?.push(file.slice(at + 1))
    }
  }
  return names.map((name) => {
    const prefix = name === '' ? '' : `${name}/`
    return {
      name,
      tools: project.tools,
      managers: project.managers,
      has: (file) => project.files.has(`${prefix}${file}`),
      files: files.get(name) ?? [],
      read: (file) => project.read(`${prefix}${file}`),
    }
  })
}
