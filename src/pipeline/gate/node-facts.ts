import { isRecord } from '../../text/is-record.ts'
import {
  jsonFacts,
  lineFacts,
  MAX_LOCK_LINES,
  type ManifestFact,
  type ReadFacts,
  sourceFact,
} from './manifest-facts.ts'

/** Scripts that package managers run unasked in the folder of a package, and when. */
const LIFECYCLE: readonly (readonly [when: string, names: RegExp])[] = [
  ['install', /^(?:pnpm:devPreinstall|(?:pre|post)?install|(?:pre|post)?prepare|dependencies)$/],
  ['publish', /^(?:prepublish|prepublishOnly|publish|postpublish|(?:pre|post)?pack|(?:pre|post)?version)$/],
]
/** A person would not write more, and each is looked for in the words of others. */
const MAX_SCRIPTS = 500
const RUNS_SCRIPTS = /\b(?:npm|pnpm|yarn|bun|run-[sp]|npm-run-all2?|nr|node --run|wireit|turbo|nx|lerna)\b/

/** `package.json`; its scripts that run unasked, directly or through others, are facts `lifecycle/<when>/<name>`. */
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
  // A set takes additions while it is walked.
  for (const name of reached) {
    const command = scripts.get(name) ?? ''
    if (!RUNS_SCRIPTS.test(command)) continue
    const words = new Set(command.match(/[\w:.@/-]+/g) ?? [])
    for (const word of words) {
      for (const called of [word, `pre${word}`, `post${word}`]) if (scripts.has(called)) reached.add(called)
    }
    // As in `run-p build:*`.
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

/** `package-lock.json` of every version: where packages come from, what each must hash to, whose scripts run. */
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
      // Version 1 nests what a package brings along; from version 2 on these are ranges, which are no objects.
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

/** On the public registry, an address names its package: `…/left-pad/-/left-pad-1.3.0.tgz`. */
function otherName(name: string, resolved: string): readonly ManifestFact[] {
  const address = /^https?:\/\/registry\.(?:npmjs\.org|yarnpkg\.com)\/(.{1,300}?)\/-\//i.exec(resolved)?.[1]
  if (address === undefined || address.replace(/%2f/i, '/').toLowerCase() === name.toLowerCase()) return []
  return [{ key: `otherName/${name}`, value: address }]
}

/** The same address must go on meaning the same bytes; a stronger hash beside the old one is fine. */
function checksumFact(resolved: string, integrity: string): readonly ManifestFact[] {
  const algorithm = integrity.split(/[-:]/, 1)[0] ?? ''
  return [{ key: `checksum/${algorithm}/${resolved.slice(0, 500)}`, value: integrity }]
}

/** `yarn.lock` of both formats and `pnpm-lock.yaml`, which have one fact a line. */
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

/** Yarn 2 and later write `name@npm:1.0.0` or `name@https://…`. */
function addressOf(resolution: string): readonly string[] {
  const range = /^@?[^@]+@(.*)$/.exec(resolution)?.[1] ?? resolution
  if (/^(?:npm|workspace|patch|link|portal|virtual):/.test(range)) return []
  return [/^[a-z+]+:|^git@/i.test(resolution) ? resolution : range]
}

/** `esbuild` of `esbuild@0.25.0`, `@swc/core@1.2.3(x)` or pnpm's older `esbuild/0.25.0`. */
function nameOf(id: string): string {
  return /^(@[^/@]+\/[^/@]+|[^/@]+)/.exec(id)?.[1] ?? id
}
