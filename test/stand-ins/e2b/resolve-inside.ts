import { lstatSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'

const MOST_LINKS = 255

/**
 * The path without links, as a process whose root is `root` would find it: absolute links start there, and `..` does not
 * lead out. What is missing is kept as it is.
 *
 * @param path absolute.
 * @param follow whether a link at the end is followed too.
 * @throws {Error} with code ENOTDIR or ELOOP, as the kernel would.
 */
export function resolveInside(root: string, path: string, follow: boolean): string {
  let left = path.split('/').filter((part) => part !== '' && part !== '.')
  let links = 0
  let found = '/'
  while (left.length > 0) {
    const [part = '', ...rest] = left
    left = rest
    if (part === '..') {
      found = join(found, '..')
      continue
    }
    const next = join(found, part)
    const stats = lstatSync(root + next, { throwIfNoEntry: false })
    if (stats?.isSymbolicLink() && (follow || left.length > 0)) {
      if (++links > MOST_LINKS) throw Object.assign(new Error(`ELOOP: ${path}`), { code: 'ELOOP' })
      const target = readlinkSync(root + next)
      if (target.startsWith('/')) found = '/'
      left = [...target.split('/').filter((item) => item !== '' && item !== '.'), ...left]
      continue
    }
    found = next
    if (!stats) return join(found, ...left)
    if (left.length > 0 && !stats.isDirectory())
      throw Object.assign(new Error(`ENOTDIR: ${path}`), { code: 'ENOTDIR' })
  }
  return found
}
