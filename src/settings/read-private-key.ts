import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { closeSync, openSync, readSync, statSync } from 'node:fs'
import type { SettingsReader } from './settings-reader.ts'

/** GitHub's keys have 2048 bits. */
const LEAST_BITS = 2048
/**
 * Readable or writable for every user of the machine, or writable for the group. A group that reads is fine: that is
 * how mounts share a key.
 */
const TOO_OPEN = 0o026

/** The App's private key in PEM. Accepts what people paste: PEM, PEM with literal `\n`, or base64 of PEM. */
export function readPrivateKey(reader: SettingsReader): string | undefined {
  const inline = reader.get('PRIVATE_KEY')
  const path = reader.get('PRIVATE_KEY_PATH')
  const fromValue = inline === undefined ? undefined : readKey(inline, 'PRIVATE_KEY', reader)
  const file = path === undefined ? undefined : readKeyFile(path, reader)
  const fromFile = file === undefined ? undefined : readKey(file, `PRIVATE_KEY_PATH (${path})`, reader)
  if (fromValue && fromFile && !isSameKey(fromValue, fromFile)) {
    reader.problem(
      'PRIVATE_KEY and PRIVATE_KEY_PATH hold different keys. Remove the one that is out of date.',
    )
  }
  return fromValue ?? fromFile
}

function readKey(given: string, what: string, reader: SettingsReader): string | undefined {
  const pem = given.includes('-----BEGIN') ? given : Buffer.from(given, 'base64').toString('utf8')
  const key = pem.replaceAll('\\n', '\n').trim()
  const problem = keyProblem(key)
  if (problem === undefined) return key
  reader.problem(`${what} ${problem} Download a new key from the App’s settings page.`)
  return undefined
}

/** Why this text cannot be a key from GitHub, which is an unencrypted RSA key in PEM; undefined if it can. */
function keyProblem(pem: string): string | undefined {
  if (/^-----BEGIN (?:[A-Z]+ )?PUBLIC KEY-----/.test(pem)) return 'holds a public key, not the private one.'
  if (/^-----BEGIN CERTIFICATE/.test(pem)) return 'holds a certificate, not a private key.'
  if (/^-----BEGIN OPENSSH/.test(pem)) return 'holds a key for SSH, not a key of a GitHub App.'
  if (!/^-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]+-----END [A-Z ]*PRIVATE KEY-----$/.test(pem)) {
    return 'holds no PEM private key.'
  }
  if (/^-----BEGIN ENCRYPTED|^Proc-Type: 4,ENCRYPTED/m.test(pem)) return 'is encrypted with a passphrase.'
  let key: KeyObject
  try {
    key = createPrivateKey(pem)
  } catch {
    return 'is damaged: part of the key is missing or was changed.'
  }
  if (key.asymmetricKeyType !== 'rsa')
    return `is a key of type ${key.asymmetricKeyType}, but GitHub Apps use RSA keys.`
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
  return bits < LEAST_BITS
    ? `is an RSA key of ${bits} bits, but GitHub’s keys have ${LEAST_BITS}.`
    : undefined
}

function isSameKey(one: string, other: string): boolean {
  const [first, second] = [one, other].map((pem) =>
    createPublicKey(pem).export({ type: 'spki', format: 'der' }),
  )
  return first !== undefined && second !== undefined && first.equals(second)
}

/**
 * The content of the key file, which may be empty; undefined when it cannot be read, which is then reported as a
 * problem.
 */
function readKeyFile(path: string, reader: SettingsReader): string | undefined {
  try {
    const file = statSync(path)
    if (process.platform !== 'win32' && file.isFile() && (file.mode & TOO_OPEN) !== 0) {
      reader.problem(
        `PRIVATE_KEY_PATH (${path}) is a file that other users of this machine may read or change. Run: chmod 600 ${path}`,
      )
    }
    return readStart(path).trim()
  } catch (error) {
    reader.problem(`PRIVATE_KEY_PATH (${path}) ${whyUnreadable(error)}`)
    return undefined
  }
}

/**
 * More than any key has. A path may name a device that never ends, or a pipe that a shell made for a command's output.
 */
const MOST_BYTES = 65_536

function readStart(path: string): string {
  const file = openSync(path, 'r')
  try {
    const bytes = Buffer.alloc(MOST_BYTES)
    let length = 0
    for (let read = -1; read !== 0 && length < MOST_BYTES; length += read)
      read = readSync(file, bytes, length, MOST_BYTES - length, null)
    return bytes.toString('utf8', 0, length)
  } finally {
    closeSync(file)
  }
}

function whyUnreadable(error: unknown): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'does not exist. Set it to the .pem file that GitHub gave you.'
    case 'EISDIR':
      return 'is a directory. Set it to the .pem file in it.'
    case 'EACCES':
    case 'EPERM':
      return 'may not be read by this user. Change its owner or its permissions.'
    default:
      return 'cannot be read.'
  }
}
