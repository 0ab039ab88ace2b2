import { getPublicSuffix } from 'tldts'
import type { SettingsReader } from './settings-reader.ts'

const NAME =
  /^(\*\.)?(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.?$/i
/**
 * Domains whose customers have names several levels below them. The list of public suffixes does not include these
 * domains as a whole.
 */
const SHARED = new Set(['amazonaws.com', 'azure.com', 'windows.net', 'googleapis.com', 'cloudfront.net'])

/** What `registries` means in every repository: package registries, and nothing else. */
const REGISTRIES = [
  'registry.npmjs.org',
  'registry.yarnpkg.com',
  'pypi.org',
  'files.pythonhosted.org',
  'crates.io',
  'static.crates.io',
  'index.crates.io',
  'proxy.golang.org',
  'sum.golang.org',
  'repo.maven.apache.org',
  'rubygems.org',
]
const WORD = 'registries'

/** Hosts that sandboxes may reach: `example.org`, or `*.example.org` for all names below it. */
export interface EgressSettings {
  readonly egressHosts: readonly string[]
  /** Whether a repository may also reach the registries of the ecosystems that it uses. */
  readonly ecosystems: boolean
  /** Hosts that a repository's settings may add. */
  readonly repositoryHosts: readonly string[]
}

export function readEgress(reader: SettingsReader): EgressSettings {
  const named = readHosts(reader, 'BACKSPACE_EGRESS')
  const ecosystems = named.includes(WORD)
  const egressHosts = named.flatMap((host) => (host === WORD ? REGISTRIES : [host]))
  return { egressHosts, ecosystems, repositoryHosts: readHosts(reader, 'BACKSPACE_REPOSITORY_EGRESS') }
}

function readHosts(
  reader: SettingsReader,
  variable: 'BACKSPACE_EGRESS' | 'BACKSPACE_REPOSITORY_EGRESS',
): readonly string[] {
  const hosts = reader.list(variable, { emptyIsNone: true })
  for (const host of hosts) {
    const problem = problemOf(host)
    // An address that contains a password must not be repeated.
    const shown = /^[\w.*-]{1,60}$/.test(host) ? `"${host}"` : 'an entry'
    if (problem !== undefined) reader.problem(`${variable} has ${shown} ${problem}`)
  }
  return hosts
}

function problemOf(host: string): string | undefined {
  const below = host.replace(/^\*\./, '').replace(/\.$/, '').toLowerCase()
  if (/^[*.]+$/.test(host)) return 'that opens every host. Name the hosts, or leave it empty for none.'
  if (/[:/@]/.test(host)) return 'with a scheme, port or path. Write the host name alone.'
  if (!NAME.test(host))
    return 'that is not a host name. Write example.org, or *.example.org for all names below it.'
  if (/^[\d.]+$/.test(below) || /^0x[\da-f]+$/.test(below))
    return 'that is an address. Sandboxes reach hosts by name only.'
  if (!host.startsWith('*.')) return undefined
  if (below === getPublicSuffix(below, { allowPrivateDomains: true }) || SHARED.has(below))
    return 'below which anyone can have a name. Name the hosts.'
  return undefined
}
