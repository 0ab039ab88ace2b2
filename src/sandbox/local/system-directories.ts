import { lstatSync, readdirSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'

/** A directory of the system that a box sees at its own path; or a link, where the distribution has merged directories. */
interface SystemDirectory {
  readonly path: string
  /** Text of the link. */
  readonly link?: string | undefined
}

/** Programs and what they need. Not `etc`, `src` or what an operator has put beside them. */
const OF_USR =
  /^(?:bin|sbin|lib|lib32|lib64|libx32|libexec|share|include|[a-z0-9_-]+-(?:gnu|musl|mingw32)[a-z0-9]*)$/
const OF_LOCAL = ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libexec', 'share', 'include']
const OF_ROOT = ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32']

/** The directories of the system that every box may read. */
export function systemDirectories(): readonly SystemDirectory[] {
  const ofUsr = readdirSync('/usr').filter((name) => OF_USR.test(name))
  const paths = [
    ...ofUsr.map((name) => join('/usr', name)),
    ...OF_LOCAL.map((name) => join('/usr/local', name)),
    ...OF_ROOT.map((name) => join('/', name)),
  ]
  return paths.flatMap((path) => {
    const stats = lstatSync(path, { throwIfNoEntry: false })
    if (stats?.isSymbolicLink()) return [{ path, link: readlinkSync(path) }]
    return stats?.isDirectory() ? [{ path }] : []
  })
}
