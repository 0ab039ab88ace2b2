import { existsSync, lstatSync, readdirSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { Mount } from './mount.ts'

/**
 * A directory of the system that a box sees at the same path; or a link, where the distribution has merged directories.
 */
interface SystemDirectory {
  readonly path: string
  /** Target of the link. */
  readonly link?: string | undefined
}

/** Programs and what they need, but not `etc`, `src`, or directories that an operator has added. */
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

/** Parts of `/etc` that programs need and that reveal nothing about the operator. */
const ETC = [
  'alternatives',
  'ca-certificates',
  'ca-certificates.conf',
  'crypto-policies',
  'debian_version',
  'fonts',
  'ld.so.cache',
  'ld.so.conf',
  'ld.so.conf.d',
  'localtime',
  'magic',
  'mime.types',
  'os-release',
  'perl',
  'pki/ca-trust',
  'pki/tls/cert.pem',
  'pki/tls/certs',
  'pki/tls/openssl.cnf',
  'protocols',
  'services',
  'ssl/cert.pem',
  'ssl/certs',
  'ssl/openssl.cnf',
]
const ETC_OF_LANGUAGES = /^(java|python|php|ruby|maven|gradle|R$)/

/** The parts of `/etc` that every box may read. */
export function etcMounts(): readonly Mount[] {
  const ofLanguages = readdirSync('/etc').filter((name) => ETC_OF_LANGUAGES.test(name))
  return [...ETC, ...ofLanguages]
    .map((name) => join('/etc', name))
    .filter((path) => existsSync(path))
    .map((path) => ({ source: path, target: path }))
}
