import { type InspectedPath, type Sandbox, SandboxError } from '../../sandbox/sandbox.ts'

/** A path of the workspace, and what stands there. */
export interface LocatedPath extends Omit<InspectedPath, 'root' | 'path'> {
  /** Absolute, inside the sandbox. */
  readonly absolute: string
  /** From the root of the workspace; `.` for the root itself. */
  readonly relative: string
}

/** The largest file that is read, for whatever tool. */
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
