import type { Project } from './project.ts'

/** One folder of a project: the root, or a package one or two levels below it. */
export interface Folder {
  /** Empty for the root. */
  readonly name: string
  readonly tools: ReadonlySet<string>
  readonly has: (file: string) => boolean
  /** Files in this folder, those of its subfolders included where they are known. */
  readonly files: readonly string[]
  readonly read: (file: string) => Promise<string | undefined>
}

export function folderOf(project: Project, name: string): Folder {
  const prefix = name === '' ? '' : `${name}/`
  return {
    name,
    tools: project.tools,
    has: (file) => project.files.has(`${prefix}${file}`),
    files: [...project.files]
      .filter((file) => file.startsWith(prefix))
      .map((file) => file.slice(prefix.length)),
    read: (file) => project.read(`${prefix}${file}`),
  }
}
