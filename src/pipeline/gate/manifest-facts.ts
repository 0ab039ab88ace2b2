import { parse as parseToml } from 'smol-toml'
import { MAX_YAML_CHARACTERS, parseYaml } from '../../text/parse-yaml.ts'

/** One statement of a manifest. The order of facts has no meaning. */
export interface ManifestFact {
  /** Like a JSON Pointer, with `-` for every position in a list: `scripts/postinstall`. */
  readonly key: string
  readonly value: string
}

/** Reads the facts of a manifest; undefined when it is malformed, too long or nested too deeply. */
export type ReadFacts = (text: string) => readonly ManifestFact[] | undefined

/** Manifests that people write are far shorter, and parsing longer ones would delay other runs. */
const MAX_CHARS = { json: 512 * 1024, toml: 64 * 1024, yaml: MAX_YAML_CHARACTERS } as const
const MAX_FACTS = 20_000
const MAX_LINES = 40_000
const MAX_KEY = 1000

export const jsonFacts: ReadFacts = (text) =>
  readAs(text, { maxChars: MAX_CHARS.json, parse: (json): unknown => JSON.parse(json) })
export const tomlFacts: ReadFacts = (text) =>
  readAs(text, { maxChars: MAX_CHARS.toml, parse: (toml): unknown => parseToml(toml) })
export const yamlFacts: ReadFacts = (text) =>
  readAs(text, { maxChars: MAX_CHARS.yaml, parse: (yaml): unknown => parseYaml(yaml) ?? {} })

function readAs(
  text: string,
  { maxChars, parse }: { readonly maxChars: number; readonly parse: (text: string) => unknown },
): readonly ManifestFact[] | undefined {
  if (text.length > maxChars) return undefined
  try {
    const value = parse(text.replace(/^\ufeff/, ''))
    return value !== null && typeof value === 'object' ? flatten(value) : undefined
  } catch {
    return undefined
  }
}

/** Works without recursion, so that deep nesting cannot overflow the stack. */
function flatten(root: object): readonly ManifestFact[] | undefined {
  const facts: ManifestFact[] = []
  const waiting: { readonly key: string; readonly value: unknown }[] = [{ key: '', value: root }]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { key, value } = next
    if (key.length > MAX_KEY || facts.length > MAX_FACTS) return undefined
    if (value === null || typeof value !== 'object' || value instanceof Date) {
      facts.push({ key, value: String(value) })
      continue
    }
    const isList = Array.isArray(value)
    for (const [name, item] of Object.entries(value)) {
      const segment = isList ? '-' : name.slice(0, MAX_KEY).replaceAll('~', '~0').replaceAll('/', '~1')
      waiting.push({ key: key === '' ? segment : `${key}/${segment}`, value: item })
    }
  }
  return facts
}

/** Makes a reader for a format that is read line by line. @param read returns the facts of one line. */
export function lineFacts(
  read: (line: string) => readonly ManifestFact[],
  mostLines: number = MAX_LINES,
): ReadFacts {
  return (text) => {
    const lines = text.split(/\r?\n/, mostLines + 1)
    return lines.length > mostLines ? undefined : lines.flatMap((line) => read(line))
  }
}

/** The addresses in a text, as facts `source`. */
export const readSources: ReadFacts = lineFacts(sourcesIn)

/** Enough lines for the lock files of large workspaces. */
export const MAX_LOCK_LINES = 400_000
/** `readSources` for lock files, which may be longer. */
export const readLockSources: ReadFacts = lineFacts(sourcesIn, MAX_LOCK_LINES)

export function sourcesIn(line: string): readonly ManifestFact[] {
  return [...new Set(line.match(ADDRESS))].flatMap(sourceFact)
}

/** The hosts of addresses, as facts `host`, for lock files in which every package has its own address on a host. */
export const readHosts: ReadFacts = lineFacts((line) =>
  sourcesIn(line).map(({ value }) => ({ key: 'host', value: value.split('/', 1)[0] ?? '' })),
)

/** An address without user, port or anything else on which URL parsers disagree. */
const PLAIN_ADDRESS = /^https:\/\/([a-z0-9.-]+)(?:\/([\w.@~+-]*(?:\/[\w.@~+-]*)?))?(?:[/?#]|$)/

const ADDRESS =
  /(?<![A-Za-z0-9])(?:(?:git\+|hg\+|svn\+|bzr\+|registry\+|sparse\+)?(?:https?|ssh|git|ftp|file):\/\/|git@)[^\s"'`<>,;)\]}]+/gi

/** Hosts of registries: they serve every package alike, so the host alone is the source. */
export const REGISTRIES = new Set(
  `registry.npmjs.org registry.yarnpkg.com registry.npmmirror.com npm.jsr.io jsr.io esm.sh pypi.org files.pythonhosted.org
  pypi.python.org crates.io index.crates.io static.crates.io rubygems.org index.rubygems.org proxy.golang.org repo.packagist.org
  packagist.org hex.pm repo.hex.pm pub.dev pub.dartlang.org repo.maven.apache.org repo1.maven.org plugins.gradle.org
  maven.google.com dl.google.com api.nuget.org cdn.cocoapods.org conda.anaconda.org deno.land`.split(/\s+/),
)

/** Hosts that are another name of the same registry. */
const SAME_REGISTRY = new Map([
  ['registry.yarnpkg.com', 'registry.npmjs.org'],
  ['files.pythonhosted.org', 'pypi.org'],
  ['pypi.python.org', 'pypi.org'],
  ['static.crates.io', 'crates.io'],
  ['index.crates.io', 'crates.io'],
  ['index.rubygems.org', 'rubygems.org'],
  ['repo1.maven.org', 'repo.maven.apache.org'],
])

/**
 * Where a package comes from, as a fact `source`: the host, and on hosts that many people share also owner and name
 * (`github.com/owner/name`). Empty for a text that is no address.
 */
export function sourceFact(address: string): readonly ManifestFact[] {
  const url = address
    .replace(/^(?:git|hg|svn|bzr|registry|sparse)\+/i, '')
    .replace(/^(?:ssh:\/\/)?git@([^/:]+):/i, 'ssh://git@$1/')
  const plain = PLAIN_ADDRESS.exec(url)
  if (plain !== null) return [placeFact(plain[1] ?? '', plain[2] ?? '')]
  if (!URL.canParse(url)) return []
  const { protocol, host, pathname } = new URL(url)
  if (protocol === 'file:') return [{ key: 'source', value: `file:${pathname.slice(0, 200)}` }]
  return [placeFact(host, pathname.split('/', 3).slice(1).join('/'))]
}

function placeFact(host: string, owner: string): ManifestFact {
  if (REGISTRIES.has(host)) return { key: 'source', value: SAME_REGISTRY.get(host) ?? host }
  if (host === 'github.com' && owner === 'rust-lang/crates.io-index')
    return { key: 'source', value: 'crates.io' }
  // `name.git@1.2` is a release of the same repository.
  const place = `${host}/${owner.replace(/(?<=\w)@[^/]*$/, '').replace(/\.git$/, '')}`.slice(0, 200)
  return { key: 'source', value: place.replace(/\/$/, '').toLowerCase() }
}
