import type { Folder } from '../project.ts'

/** Folders that CI builds in. */
export const BUILDS = /^(?:_?build|bld|out)[\w-]*$/

/** A folder that git ignores, else one outside of the tree. */
export async function buildFolder(folder: Folder): Promise<string> {
  const ignored = (await folder.read('.gitignore')) ?? ''
  const isIgnored = /^\/?build\*?\/?[ \t\r]{0,9}$/m.test(ignored)
  if (isIgnored && !folder.files.some((file) => file.startsWith('build/'))) return 'build'
  return `/tmp/build${folder.name === '' ? '' : `-${folder.name.replace(/[^\w-]+/g, '-')}`}`
}

/** @param path from the root of the repository, in the folder. */
export function innerPath({ name }: Folder, path: string): string {
  return name === '' ? path : path.slice(name.length + 1)
}
