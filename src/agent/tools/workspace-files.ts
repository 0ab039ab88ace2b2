import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import { type InspectedPath, type Sandbox, SandboxError } from '../../sandbox/sandbox.ts'
import { shellQuote } from '../../text/shell-quote.ts'
import type { ToolContext } from './tool.ts'

/** A path of the workspace, and what is there. */
export interface LocatedPath extends Omit<InspectedPath, 'root' | 'path'> {
  /** Absolute, inside the sandbox. */
  readonly absolute: string
  /** From the root of the workspace; `.` for the root itself. */
  readonly relative: string
}

/** The largest file that any tool reads. */
export const MAX_FILE_BYTES = 10 * 1024 * 1024

/**
 * Finds a path that the model named, and reads it if it is a file of at most `MAX_FILE_BYTES`.
 *
 * @returns a problem, worded for the model, when the path leaves the workspace or enters `.git`.
 * @throws {SandboxError} when the sandbox is lost.
 */
export async function locatePath(
  { sandbox, workspace, signal }: { sandbox: Sandbox; workspace: string; signal: AbortSignal },
  path: string,
): Promise<LocatedPath | { readonly problem: string }> {
  if (path.includes('\0')) return { problem: 'The path holds a NUL character. Leave it out.' }
  let found: InspectedPath
  try {
    found = await sandbox.inspect(path, { cwd: workspace, maxBytes: MAX_FILE_BYTES, signal })
  } catch (error) {
    if (!(error instanceof SandboxError) || error.class !== 'path_not_found') throw error
    return { problem: `${path} cannot be looked up: ${error.message}` }
  }
  const { root, path: absolute, ...facts } = found
  if (absolute !== root && !absolute.startsWith(`${root}/`)) {
    return {
      problem: `${path} is outside the workspace. Only files below ${workspace} can be used; give a path from its root.`,
    }
  }
  const relative = absolute === root ? '.' : absolute.slice(root.length + 1)
  if (relative.split('/').some((part) => part.toLowerCase() === '.git')) {
    return {
      problem: `${path} belongs to git itself and cannot be read or changed. Use git commands in bash.`,
    }
  }
  return { ...facts, absolute, relative }
}

/**
 * A path as the model gave it, from the root of the workspace and without `..`; `.` is the root. By its letters
 * only: for searches, which follow no links. What reads or writes one file uses `locatePath`.
 */
export function workspacePath(
  workspace: string,
  path = '.',
): { readonly path: string } | { readonly problem: string } {
  const relative = posix.relative(workspace, posix.resolve(workspace, path)) || '.'
  if (relative === '..' || relative.startsWith('../')) {
    return { problem: `${path} is outside the workspace. Give a path from its root.` }
  }
  if (relative.split('/').some((part) => part.toLowerCase() === '.git')) {
    return { problem: `${path} belongs to git itself. Use git commands in bash.` }
  }
  return { path: relative }
}

/** A glob as the model gave it, from the root of the workspace: models that know absolute paths use them here, too. */
export function workspaceGlob(
  workspace: string,
  glob: string,
): { readonly glob: string } | { readonly problem: string } {
  if (glob.split('/').includes('..')) {
    return { problem: `${glob} leads outside with "..". Give a pattern from the workspace root.` }
  }
  return { glob: glob.startsWith(`${workspace}/`) ? glob.slice(workspace.length) : glob }
}

/** Workflows count at the root only; hooks and settings of agents are honoured in subfolders, too. */
const FOLDERS = /^\.github\/workflows\/|(?:^|\/)(?:\.claude|\.husky)\//
const NAMES = /(?:^|\/)(?:\.mcp\.json|codeowners)$/

/**
 * Why `edit` and `write` leave a file alone although it lies in the workspace: it decides what runs with the
 * repository's secrets, who must review, or what agents obey. Commands can still change it; the gate before
 * publishing stops that.
 *
 * @param relative from the root of the workspace, every link followed.
 */
export function refusePath(relative: string): string | undefined {
  const path = relative.normalize('NFC').toLowerCase()
  if (!FOLDERS.test(path) && !NAMES.test(path)) return undefined
  return `${relative} is changed by people only: it controls CI, reviews or agents. Leave it as it is; if the request needs it, write what a person should change into the notes of finish.`
}

/**
 * Writes a file and remembers it as seen. Its executable bit survives, whichever way the sandbox writes.
 *
 * @throws {SandboxError} when the sandbox is lost or full.
 */
export async function saveFile(
  located: LocatedPath,
  bytes: Uint8Array,
  { sandbox, seenFiles }: ToolContext,
): Promise<void> {
  await sandbox.writeFile(located.absolute, bytes)
  if (located.executable) await sandbox.exec(`chmod +x -- ${shellQuote(located.absolute)}`)
  seenFiles.set(located.relative, hashBytes(bytes))
}

/** SHA-256, hexadecimal: tells whether a file is still as the agent saw it. */
export function hashBytes(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
