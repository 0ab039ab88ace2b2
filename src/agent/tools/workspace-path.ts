import { posix } from 'node:path'

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
