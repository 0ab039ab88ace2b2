import { isRecord } from '../../text/is-record.ts'
import {
  jsonFacts,
  lineFacts,
  MAX_LOCK_LINES,
  type ManifestFact,
  type ReadFacts,
  sourceFact,
} from './manifest-facts.ts'

/** Scripts of a package that package managers run on their own, and when. */
const LIFECYCLE: readonly (readonly [when: string, names: RegExp])[] = [
  ['install', /^(?:pnpm:devPreinstall|(?:pre|post)?install|(?:pre|post)?prepare|dependencies)$/],
  ['publish', /^(?:prepublish|prepublishOnly|publish|postpublish|(?:pre|post)?pack|(?:pre|post)?version)$/],
]
/** No person writes more, and each script is looked for in all others. */
const MAX_SCRIPTS = 500
const RUNS_SCRIPTS = /\b(?:npm|pnpm|yarn|bun|run-[sp]|npm-run-all2?|nr|node --run|wireit|turbo|nx|lerna)\b/

/** Facts of a `package.json`. Scripts that run on their own, directly or through others, are `lifecycle/<when>/<name>`. */
export const readPackageJson: ReadFacts = (text) => {
  const facts = jsonFacts(text)
  if (facts === undefined) return undefined
  const scripts = new Map<string, string>()
  for (const { key, value } of facts) {
    const name = /^scripts\/([^/]+)$/.exec(key)?.[1]
    if (name !== undefined) scripts.set(name, value)
  }
  if (scripts.size > MAX_SCRIPTS) return undefined
  return [...facts, ...LIFECYCLE.flatMap(([when, names]) => lifecycleFacts(scripts, when, names))]
}

function lifecycleFacts(scripts: ReadonlyMap<string, string>, when: string, names: RegExp): ManifestFact[] {
  const reached = new Set([...scripts.keys()].filter((name) => names.test(name)))
  // Names that are added during the loop are visited, too.
  for (const name of reached) {
    const command = scripts.get(name) ?? ''
    if (!RUNS_SCRIPTS.test(command)) continue
    const words = new Set(command.match(/[\w:.@/-]+/g) ?? [])
    for (const word of words) {
      for (const called of [word, `pre${word}`, `post${word}`]) if (scripts.has(called)) reached.add(called)
    }
    // `run-p build:*` runs all scripts whose names start with `build:`.
    for (const other of scripts.keys()) if (words.has(`${other.split(':', 1)[0]}:`)) reached.add(other)
  }
  return [...reached].map((name) => ({ key: `lifecycle/${when}/${name}`, value: scripts.get(name) ?? '' }))
}

interface LockedPackage {
  readonly name?: unknown
  readonly resolved?: unknown
  readonly integrity?: unknown
  readonly hasInstallScript?: unknown
  readonly dependencies?: unknown
}

/** Facts of a `package-lock.json` of any version: sources of packages, their checksums, and whose scripts run. */
export const readNpmLock: ReadFacts = (text) => {
  let lock: unknown
  try {
    lock = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!isRecord(lock)) return undefined
  const facts: ManifestFact[] = []
  const waiting = [lock.packages, lock.dependencies].filter(isRecord)
  for (let packages = waiting.pop(); packages !== undefined; packages = waiting.pop()) {
    for (const [path, found] of Object.entries(packages)) {
      if (!isRecord(found)) continue
      facts.push(...lockedFacts(path, found))
      // In version 1 the dependencies of a package are nested objects; since version 2 they are ranges, which are strings.
      if (isRecord(found.dependencies)) waiting.push(found.dependencies)
    }
  }
  return facts
}

function lockedFacts(path: string, found: LockedPackage): readonly ManifestFact[] {
  const name = typeof found.name === 'string' ? found.name : (path.split('node_modules/').at(-1) ?? path)
  const scripts = found.hasInstallScript === true ? [{ key: `runsScripts/${name}`, value: 'true' }] : []
  if (typeof found.resolved !== 'string') return scripts
  const checksum = typeof found.integrity === 'string' ? checksumFact(found.resolved, found.integrity) : []
  return [...scripts, ...sourceFact(found.resolved), ...checksum, ...otherName(name, found.resolved)]
}

/** A fact if an address on the public registry names another package: `…/left-pad/-/left-pad-1.3.0.tgz`. */
function otherName(name: string, resolved: string): readonly ManifestFact[] {
  const address = /^https?:\/\/registry\.(?:npmjs\.org|yarnpkg\.com)\/(.{1,300}?)\/-\//i.exec(resolved)?.[1]
  if (address === undefined || address.replace(/%2f/i, '/').toLowerCase() === name.toLowerCase()) return []
  return [{ key: `otherName/${name}`, value: address }]
}

/** The checksum of an address, by algorithm, so that a stronger hash beside the old one is no change. */
function checksumFact(resolved: string, integrity: string): readonly ManifestFact[] {
  const algorithm = integrity.split(/[-:]/, 1)[0] ?? ''
  return [{ key: `checksum/${algorithm}/${resolved.slice(0, 500)}`, value: integrity }]
}

/** Facts of a `yarn.lock` in both formats and of a `pnpm-lock.yaml`, which have one fact per line. */
export const readLockLines: ReadFacts = (text) => {
  let last = ''
  return lineFacts((line) => {
    const heading = /^ {0,2}(['"/@\w][^\n]*):\s*$/.exec(line)?.[1]
    if (heading !== undefined) last = heading.slice(0, 300).replace(/^['"/]+|['"]+$/g, '')
    if (/^\s+requiresBuild: true/.test(line)) return [{ key: `runsScripts/${nameOf(last)}`, value: 'true' }]
    const address = /^\s+(?:resolved|resolution:)\s+"?([^\s"]+)/.exec(line)?.[1]
    if (address !== undefined && !address.startsWith('{')) {
      last = address
      return addressOf(address).flatMap(sourceFact)
    }
    const checksum = /^\s+(?:integrity|checksum:)\s+"?([^\s"]+)|\{integrity: ([^\s,}]+)/.exec(line)
    const sums = checksum === null ? [] : checksumFact(last, checksum[1] ?? checksum[2] ?? '')
    const tarball = /[\s{](?:tarball|repo|registry): *['"]?([^\s,}'"]+)/.exec(line)?.[1]
    return [...sums, ...(tarball === undefined ? [] : sourceFact(tarball))]
  }, MAX_LOCK_LINES)(text)
}

/** The address in a resolution of Yarn 2 or later: `name@npm:1.0.0` has none, `name@https://…` has one. */
function addressOf(resolution: string): readonly string[] {
  const range = /^@?[^@]+@(.*)$/.exec(resolution)?.[1] ?? resolution
  if (/^(?:npm|workspace|patch|link|portal|virtual):/.test(range)) return []
  return [/^[a-z+]+:|^git@/i.test(resolution) ? resolution : range]
}

/** The package's name in `esbuild@0.25.0`, `@swc/core@1.2.3(x)` or pnpm's older `esbuild/0.25.0`. */
function nameOf(id: string): string {
  return /^(@[^/@]+\/[^/@]+|[^/@]+)/.exec(id)?.[1] ?? id
}
