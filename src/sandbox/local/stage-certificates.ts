import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import type { Mount } from './mount.ts'

/**
 * The certificate authorities that the operator's programs trust, made available to a box. All paths are inside the
 * box.
 */
export interface StagedCertificates {
  /** Variables that name the certificates; none when the operator set none. */
  readonly env: Readonly<Record<string, string>>
  readonly mount: Mount
  /** File with the certificates that the operator's Node.js trusts besides its own; undefined when there are none. */
  readonly forNode: string | undefined
  /**
   * Makes Node.js, Bun and other programs that read `NODE_EXTRA_CA_CERTS` trust one more authority. They still trust
   * what they trusted before. Variables that replace the whole list stay as they are.
   *
   * @param authority PEM.
   * @returns the variable.
   */
  trust(authority: string): Promise<Readonly<Record<string, string>>>
}

/** Variables that name trusted certificates for the usual tools. `SSL_CERT_DIR` is treated as `SSL_CERT_FILE`. */
const VARIABLES =
  /^(?:NODE_EXTRA_CA_CERTS|SSL_CERT_FILE|REQUESTS_CA_BUNDLE|PIP_CERT|CURL_CA_BUNDLE|CARGO_HTTP_CAINFO|GIT_SSL_CAINFO)$/
const CERTIFICATE =
  /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----[\s\S]+?-----END (?:X509 |TRUSTED )?CERTIFICATE-----/g
const FOR_NODE = 'NODE_EXTRA_CA_CERTS'
const INSIDE = '/backspace/certificates'
const MAX_BYTES = 8 * 1024 * 1024

/**
 * Copies the certificates that the variables point to, and nothing else from those files and directories, such as keys.
 * They are copied because the box's user may not be able to read the originals.
 *
 * @param directory gets the copies. Variables without certificates are left out.
 */
export async function stageCertificates(
  directory: string,
  environment: Readonly<Record<string, string>>,
): Promise<StagedCertificates> {
  const source = join(directory, 'certificates')
  await mkdir(source)
  await chmod(source, 0o755)
  const env: Record<string, string> = {}
  const staged = new Map<string, string>()
  for (const [name, path] of wanted(environment)) {
    const known = staged.get(path)
    const file = known ?? `${staged.size}.pem`
    if (known === undefined) {
      const certificates = await readCertificates(path)
      if (certificates.length === 0) continue
      await writeCertificates(join(source, file), certificates)
      staged.set(path, file)
    }
    env[name] = `${INSIDE}/${file}`
  }
  const { [FOR_NODE]: forNode } = env
  return {
    env,
    mount: { source, target: INSIDE },
    forNode,
    async trust(authority) {
      const known = await readCertificates(environment[FOR_NODE] ?? '')
      await writeCertificates(join(source, 'more.pem'), [...known, authority.trim()])
      return { [FOR_NODE]: `${INSIDE}/more.pem` }
    },
  }
}

/** Makes the file readable for every user, whatever umask the service runs with. */
async function writeCertificates(file: string, certificates: readonly string[]): Promise<void> {
  await writeFile(file, `${certificates.join('\n')}\n`)
  await chmod(file, 0o644)
}

/** The variables with their paths. The certificates of a directory become one file, which every tool understands. */
function wanted(environment: Readonly<Record<string, string>>): readonly (readonly [string, string])[] {
  const { SSL_CERT_DIR, ...files } = environment
  const paths = [files.SSL_CERT_FILE, SSL_CERT_DIR].filter(Boolean).join(delimiter)
  return Object.entries({ ...files, SSL_CERT_FILE: paths }).filter(
    ([name, path]) => VARIABLES.test(name) && path !== '',
  )
}

async function readCertificates(paths: string): Promise<readonly string[]> {
  const found = new Set<string>()
  for (const path of paths.split(delimiter)) {
    const isDirectory = (await stat(path).catch(() => undefined))?.isDirectory() ?? false
    const names = isDirectory ? await readdir(path).catch(() => []) : ['']
    for (const name of names) {
      for (const [certificate] of (await readText(join(path, name))).matchAll(CERTIFICATE)) {
        found.add(certificate)
      }
    }
  }
  return [...found]
}

async function readText(file: string): Promise<string> {
  try {
    const stats = await stat(file)
    return stats.isFile() && stats.size <= MAX_BYTES ? await readFile(file, 'latin1') : ''
  } catch {
    return ''
  }
}
