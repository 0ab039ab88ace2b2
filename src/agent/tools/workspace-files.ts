import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import { type InspectedPath, type Sandbox, SandboxError } from '../../sandbox/sandbox.ts'
import { shellQuote } from '../../text/shell-quote.ts'
import type { ToolContext } from './tool.ts'

/** A path in the workspace, and what was found there. */
export interface LocatedPath extends Omit<InspectedPath, 'root' | 'path'> {
  /** Absolute, inside the sandbox. */
  readonly absolute: string
  /** From the root of the workspace; `.` for the root itself. */
  readonly relative: string
}

/** The largest file that a tool reads, in bytes. */
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
 * Turns a path as the model gave it into a path from the root of the workspace, without `..`; `.` is the root. It does
 * not look at the disk, which is enough for searches, since they follow no links. Use `locatePath` to read or write a file.
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

/** Turns a glob as the model gave it, perhaps with an absolute path, into one from the root of the workspace. */
export function workspaceGlob(
  workspace: string,
  glob: string,
): { readonly glob: string } | { readonly problem: string } {
  if (glob.split('/').includes('..')) {
    return { problem: `${glob} leads outside with "..". Give a pattern from the workspace root.` }
  }
  return { glob: glob.startsWith(`${workspace}/`) ? glob.slice(workspace.length) : glob }
}

/** GitHub reads workflows at the root only, but hooks and agent settings take effect in subfolders, too. */
const FOLDERS = /^\.github\/workflows\/|(?:^|\/)(?:\.claude|\.husky)\//
const NAMES = /(?:^|\/)(?:\.mcp\.json|codeowners)$/

/**
 * Why `edit` and `write` refuse to change a file of the workspace: it decides what runs with the repository's secrets,
 * who must review, or what agents obey. Undefined for all other files. Commands can still change such a file, but the
 * gate stops that before publishing.
 *
 * @param relative path from the root of the workspace, with every link resolved.
 */
export function refusePath(relative: string): string | undefined {
  const path = relative.normalize('NFC').toLowerCase()
  if (!FOLDERS.test(path) && !NAMES.test(path)) return undefined
  return `${relative} is changed by people only: it controls CI, reviews or agents. Leave it as it is; if the request needs it, write what a person should change into the notes of finish.`
}

/**
 * Writes a file and remembers its hash as seen. The executable bit is kept, whatever the sandbox does when it writes.
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

/** SHA-256 in hexadecimal, to tell whether a file is still as the agent saw it. */
export function hashBytes(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
