import type { Folder } from '../../project.ts'
import { readJsonObject, stringsIn } from '../read-manifest.ts'

const MOST_GLOBS = 100

/** Returns a function that tells whether a folder below is a member of the workspace of package.json or pnpm-workspace.yaml. */
export async function membersOf(folder: Folder): Promise<(inner: string) => boolean> {
  const parsed = readJsonObject(await folder.read('package.json'))
  const own = stringsIn(parsed, ['workspaces'])
  const nested = stringsIn(parsed, ['workspaces', 'packages'])
  const globs = [...own, ...nested, ...pnpmGlobs(await folder.read('pnpm-workspace.yaml'))]
  const isExcluded = matchGlobs(globs.filter((glob) => glob.startsWith('!')).map((glob) => glob.slice(1)))
  const isNamed = matchGlobs(globs.filter((glob) => !glob.startsWith('!')))
  return (inner) => isNamed(inner) && !isExcluded(inner)
}

/** The list `packages:`, read by lines, since the rest of the file may be too large for a YAML parser. */
function pnpmGlobs(text = ''): readonly string[] {
  const lines = text.slice(0, 64 * 1024).split('\n')
  const start = lines.findIndex((line) => /^packages:\s*(?:#.*)?$/.test(line))
  const list = start === -1 ? [] : lines.slice(start + 1)
  const end = list.findIndex((line) => /^[^\s#-]/.test(line))
  return list
    .slice(0, end === -1 ? undefined : end)
    .flatMap((line) => /^\s{0,9}-\s{1,9}["']?([^"'\s#]{1,200})/.exec(line)?.[1] ?? [])
}

/** Matches folders with globs of workspaces, `packages/*`, `libs/**`: `*` is a part of a name, `**` any folders or none. */
export function matchGlobs(globs: readonly string[]): (folder: string) => boolean {
  const wanted = globs
    .slice(0, MOST_GLOBS)
    .map((glob) => glob.replace(/^\.\//, '').replace(/\/$/, '').split('/'))
  return (folder) => {
    const parts = folder.split('/')
    return wanted.some((one) => matches(one, parts))
  }
}

/** Backtracks to the last `**` only, which is enough, and takes time proportional to the product of both lengths. */
function matches(wanted: readonly string[], parts: readonly string[]): boolean {
  let [at, part] = [0, 0]
  let deep: { readonly at: number; part: number } | undefined
  while (part < parts.length) {
    if (wanted[at] === '**') {
      deep = { at, part }
      at++
    } else if (at < wanted.length && isPart(wanted[at] ?? '', parts[part])) {
      at++
      part++
    } else if (deep === undefined) return false
    else {
      deep.part++
      part = deep.part
      at = deep.at + 1
    }
  }
  return wanted.slice(at).every((one) => one === '**')
}

function isPart(wanted: string, part = ''): boolean {
  const star = wanted.indexOf('*')
  if (star === -1) return wanted === part
  const [start, end] = [wanted.slice(0, star), wanted.slice(wanted.lastIndexOf('*') + 1)]
  return part.length >= start.length + end.length && part.startsWith(start) && part.endsWith(end)
}
