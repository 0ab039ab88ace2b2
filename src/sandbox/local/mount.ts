import { sep } from 'node:path'

/** A directory or file of the host, and its read-only path in a box. */
export interface Mount {
  readonly source: string
  readonly target: string
}

/** Whether a path is a directory or inside it. */
export function isBelow(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory.endsWith(sep) ? directory : directory + sep)
}
